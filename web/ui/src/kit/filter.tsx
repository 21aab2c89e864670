import { useEffect, useId, useRef, useState } from "preact/hooks";

import { Icon } from "./icons";
import { Kbd } from "./kbd";
import { Menu, type MenuGroups } from "./menu";
import "./filter.css";

interface SearchProps {
  id: string;
  label: string;
  placeholder: string;
  value: string;
  onChange: (text: string) => void;
}

/** A field that searches as one types; `/` leads to it where the view says so. */
export function SearchField({ id, label, placeholder, value, onChange }: SearchProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const change = (next: string): void => {
    setText(next);
    onChange(next);
  };
  return (
    <label class="search-field">
      <Icon name="search" />
      <span class="hidden-text">{label}</span>
      <input
        ref={input}
        id={id}
        type="text"
        inputMode="search"
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (text === "") input.current?.blur();
          change("");
        }}
      />
      <Kbd>/</Kbd>
    </label>
  );
}

interface ChoiceProps {
  label: string;
  /** What is chosen, in words. */
  chosen: readonly string[];
  groups: () => MenuGroups;
}

/** A filter of several values; which are chosen stands on its button. */
export function ChoiceMenu({ label, chosen, groups }: ChoiceProps) {
  const text = chosen.length > 2 ? `${chosen.length} chosen` : chosen.join(", ");
  return (
    <Menu
      label={chosen.length === 0 ? `Filter by ${label.toLowerCase()}` : `${label} ${text}`}
      keepOpen
      groups={groups}
      triggerClass={chosen.length > 0 ? "choice choice-on" : "choice"}
      trigger={
        <>
          <span>{label}</span>
          {chosen.length > 0 && <strong> {text}</strong>}
          <Icon name="down" />
        </>
      }
    />
  );
}

interface NamesProps {
  label: string;
  values: readonly string[];
  /** What can be meant; others can be typed too. */
  known: readonly string[];
  onChange: (values: string[]) => void;
}

/** A filter by names that are typed, with those that are known to choose from. */
export function NamesField({ label, values, known, onChange }: NamesProps) {
  const id = useId();
  const [text, setText] = useState("");
  const add = (typed: string): void => {
    const name = typed.trim();
    if (name !== "" && !values.includes(name)) onChange([...values, name]);
    setText("");
  };
  return (
    <span class={values.length > 0 ? "names-field choice-on" : "names-field"}>
      {values.map((value) => (
        <button
          key={value}
          type="button"
          class="names-value"
          aria-label={`${label} ${value}: remove`}
          onClick={() => onChange(values.filter((other) => other !== value))}
        >
          {value}
          <Icon name="close" />
        </button>
      ))}
      <input
        aria-label={`Filter by ${label.toLowerCase()}`}
        placeholder={values.length === 0 ? label : "and…"}
        list={id}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          // Chosen from the list, not typed.
          const chosen = !(event instanceof InputEvent) || event.inputType === "insertReplacementText";
          if (chosen && known.includes(typed)) add(typed);
          else setText(typed);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") add(text);
          else if (event.key === "Backspace" && text === "" && values.length > 0) onChange(values.slice(0, -1));
        }}
        onBlur={() => add(text)}
      />
      <datalist id={id}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </span>
  );
}
