import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { IconButton } from "./button";
import { Icon, type IconName } from "./icons";
import "./menu.css";

export interface MenuItem {
  label: string;
  icon?: IconName;
  danger?: boolean;
  /** For choices that are on or off. */
  checked?: boolean;
  /** On the right: a count, a key. */
  note?: string;
  onSelect: () => void;
}

/** Groups of items, separated by lines. */
export type MenuGroups = readonly (readonly MenuItem[])[];

interface MenuProps {
  label: string;
  groups: () => MenuGroups;
  /** What opens it; three dots if absent. */
  trigger?: ComponentChildren;
  triggerClass?: string;
  /** Several choices in a row: it stays open. */
  keepOpen?: boolean;
}

/** A menu button. The list is in the browser's top layer, so that nothing around it cuts it off. */
export function Menu({ label, groups, trigger, triggerClass, keepOpen = false }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLSpanElement>(null);
  const id = useId();
  const toggle = { "aria-haspopup": "menu", "aria-expanded": open, "aria-controls": open ? id : undefined } as const;
  return (
    <span class="menu-place" ref={button}>
      {trigger === undefined ? (
        <IconButton icon="more" label={label} {...toggle} onClick={() => setOpen(!open)} />
      ) : (
        <button type="button" class={triggerClass} aria-label={label} {...toggle} onClick={() => setOpen(!open)}>
          {trigger}
        </button>
      )}
      {open && (
        <MenuList
          id={id}
          label={label}
          groups={groups()}
          keepOpen={keepOpen}
          anchor={() => button.current?.firstElementChild ?? null}
          onClose={(refocus) => {
            setOpen(false);
            if (refocus) button.current?.querySelector("button")?.focus();
          }}
        />
      )}
    </span>
  );
}

interface ListProps {
  id: string;
  label: string;
  groups: MenuGroups;
  keepOpen: boolean;
  anchor: () => Element | null;
  onClose: (refocus: boolean) => void;
}

function MenuList({ id, label, groups, keepOpen, anchor, onClose }: ListProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const list = ref.current;
    const from = anchor();
    if (list === null || from === null) return;
    list.showPopover();
    place(list, from.getBoundingClientRect());
    list.querySelector<HTMLElement>("button")?.focus();
    const outside = (event: Event): void => {
      const target = event.target as Node;
      if (!list.contains(target) && !from.contains(target)) onClose(false);
    };
    const moved = (event: Event): void => {
      if (!list.contains(event.target as Node)) onClose(false);
    };
    addEventListener("pointerdown", outside, true);
    addEventListener("scroll", moved, true);
    addEventListener("resize", moved);
    return () => {
      removeEventListener("pointerdown", outside, true);
      removeEventListener("scroll", moved, true);
      removeEventListener("resize", moved);
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    const items = [...(ref.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    event.stopPropagation();
    if (to !== undefined) {
      event.preventDefault();
      items[to % items.length]?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      onClose(true);
    }
  };
  return (
    <div ref={ref} id={id} popover="manual" class="menu" role="menu" aria-label={label} onKeyDown={onKeyDown}>
      {groups
        .filter((group) => group.length > 0)
        .map((group, index) => (
          <div key={index} role="group" class="menu-group">
            {group.map((item) => (
              <button
                key={item.label}
                type="button"
                role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"}
                aria-checked={item.checked}
                class={item.danger === true ? "menu-item menu-danger" : "menu-item"}
                onClick={() => {
                  if (!keepOpen) onClose(true);
                  item.onSelect();
                }}
              >
                <span class="menu-icon">
                  {item.checked === true ? <Icon name="check" /> : item.icon !== undefined && <Icon name={item.icon} />}
                </span>
                <span class="menu-label">{item.label}</span>
                {item.note !== undefined && <span class="menu-note">{item.note}</span>}
              </button>
            ))}
          </div>
        ))}
    </div>
  );
}

/** Below the anchor, or above where there is no room, and never beyond the edge of the window. */
function place(list: HTMLElement, anchor: DOMRect): void {
  const margin = 8;
  const { width, height } = list.getBoundingClientRect();
  const right = anchor.left + width > innerWidth - margin;
  const left = right ? anchor.right - width : anchor.left;
  const below = anchor.bottom + 4;
  const top = below + height > innerHeight - margin ? anchor.top - height - 4 : below;
  list.style.left = `${Math.max(margin, left)}px`;
  list.style.top = `${Math.max(margin, top)}px`;
}
