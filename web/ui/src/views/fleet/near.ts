/** Whether an element is in the window, or so near that it soon may be. One observer for all. */

import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

const told = new WeakMap<Element, (near: boolean) => void>();

const observer =
  typeof IntersectionObserver === "undefined"
    ? null
    : new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => told.get(target)?.(isIntersecting)), {
        // A window's height above and below.
        rootMargin: "100% 0px",
      });

export function useNear(element: RefObject<Element | null>, atFirst: boolean): boolean {
  const [near, setNear] = useState(atFirst || observer === null);
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null || observer === null) return;
    told.set(target, setNear);
    observer.observe(target);
    return () => observer.unobserve(target);
  }, []);
  return near;
}
