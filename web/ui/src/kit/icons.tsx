/** The page's icons: 16 px, drawn with lines, in the colour of the text. They say nothing to a screen reader. */

import type { ComponentChildren, JSX } from "preact";

export type IconName = keyof typeof PATHS;

const PATHS = {
  play: <path d="M5.5 3.8v8.4l7-4.2z" fill="currentColor" stroke="none" />,
  moon: <path d="M12.8 9.6A5.3 5.3 0 0 1 6.4 3.2a5.3 5.3 0 1 0 6.4 6.4z" />,
  spin: <path d="M13 8a5 5 0 1 1-3.2-4.7" />,
  square: <rect x="4.2" y="4.2" width="7.6" height="7.6" rx="1.2" />,
  ring: <circle cx="8" cy="8" r="4.6" stroke-dasharray="2.4 2.4" />,
  alert: <path d="M8 2.6 14 13H2zM8 6.6v2.8M8 11.2v.1" />,
  question: <path d="M6.1 6.2A2 2 0 1 1 8.8 8c-.5.2-.8.6-.8 1.1v.3M8 11.4v.1M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z" />,
  desk: <path d="M2.5 3.5h11v7h-11zM6 13h4M8 10.5V13" />,
  more: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2" />,
  search: <path d="M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.3 10.3 13.5 13.5" />,
  plus: <path d="M8 3.2v9.6M3.2 8h9.6" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  check: <path d="m3.2 8.4 3.2 3.2 6.4-7" />,
  down: <path d="m4 6.2 4 4 4-4" />,
  right: <path d="m6.2 4 4 4-4 4" />,
  up: <path d="m4 9.8 4-4 4 4" />,
  restart: <path d="M13 8a5 5 0 1 1-1.5-3.6M13 2.6v2.6h-2.6" />,
  recreate: <path d="M8 2.2 13 5v6l-5 2.8L3 11V5zM3 5l5 2.8L13 5M8 7.8v6" />,
  trash: <path d="M2.8 4.4h10.4M6.2 4.2V2.8h3.6v1.4M4.2 4.6l.6 8.6h6.4l.6-8.6M6.8 7v3.8M9.2 7v3.8" />,
  minus: <path d="M3.2 8h9.6" />,
  pause: <path d="M5.8 3.6v8.800M10.2 3.600v8.800" stroke-width="2" />,
  copy: <path d="M5.6 5.600h7.600v7.600H5.600zM10.4 5.400V2.800H2.800v7.600h2.600" />,
  left: <path d="m9.800 4-4 4 4 4" />,
  info: <path d="M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 7.400v3.400M8 5v.1" />,
  shield: <path d="M8 2.2 12.8 4v3.8c0 3-2 5-4.8 6-2.8-1-4.8-3-4.8-6V4zM5.8 8h4.4" />,
  unshield: <path d="M8 2.2 12.8 4v3.800c0 3-2 5-4.8 6-2.8-1-4.8-3-4.8-6V4z" />,
  hand: <path d="M8 4.600V8l2.4 1.400M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z" />,
  person: <path d="M8 8a2.6 2.6 0 1 0 0-5.200A2.600 2.600 0 0 0 8 8zM3 13.400c.5-2.400 2.500-3.600 5-3.600s4.500 1.200 5 3.600" />,
  rollout: <path d="M3 4.500h4.500v4H3zM8.500 7.500H13v4H8.500zM10.800 3.200V5.500M9.400 4.300h2.800M5.200 10.800v2.200M3.800 12h2.800" />,
  link: <path d="M7 9a2.6 2.6 0 0 0 3.7 0l2-2A2.6 2.6 0 0 0 9 3.300l-.6.6M9 7a2.6 2.6 0 0 0-3.7 0l-2 2A2.6 2.6 0 0 0 7 12.700l.6-.6" />,
  filter: <path d="M2.5 4h11M4.5 8h7M6.5 12h3" />,
  scale: <path d="M3 13V9.500M6.3 13V7M9.7 13V4.800M13 13V2.8" />,
  sun: <path d="M8 10.600a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.200zM8 1.800v1.200M8 13v1.200M1.8 8H3M13 8h1.200M3.6 3.600l.9.9M11.5 11.500l.9.9M3.6 12.400l.9-.9M11.5 4.500l.9-.9" />,
  contrast: <path d="M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 2v12M8 4.500h4M8 8h6M8 11.500h4" />,
  command: <path d="M6 6H4.400A1.7 1.7 0 1 1 6 4.400zm0 0v4m0-4h4m-4 4v1.600A1.7 1.7 0 1 1 4.4 10zm0 0h4m0 0h1.600a1.7 1.7 0 1 1-1.6 1.600zm0 0V6m0 0V4.400A1.7 1.7 0 1 1 11.6 6z" />,
  flame: <path d="M8 2c.4 2.4 3.8 3.8 3.8 7.200A3.8 3.8 0 0 1 8 13.200a3.8 3.8 0 0 1-3.8-4C4.2 7.4 5.4 6.6 5.8 5.400c.8.6 1 1.2 1.2 1.800C7.8 6 8.2 4 8 2z" />,
  task: <path d="M3 4.2 5 6 3 7.800M7 8.500h5.500M2.5 12.500h11" />,
  key: <path d="M9.7 9.300a3 3 0 1 0-2.9-2.900L2.8 10.400v2.800h2.800v-1.600h1.600V10l.8-.8z" />,
  wrap: <path d="M2.5 3.500h11M2.500 7.500h8.500a2.300 2.300 0 0 1 0 4.600H8.500M10 10.400 8.300 12.100 10 13.800M2.500 12.100h2.500" />,
  download: <path d="M8 2.500v7.500M4.800 7 8 10.200 11.200 7M3 13.500h10" />,
  clock: <path d="M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.500V8l2.500 1.500" />,
  edit: <path d="m3 13 .6-3L10.800 2.800l2.400 2.400L6 12.400zM9.300 4.300l2.400 2.400" />,
  signout: <path d="M6.5 13.200H3.200V2.800h3.300M10.2 10.8 13 8l-2.8-2.800M13 8H6.2" />,
} satisfies Record<string, JSX.Element>;

export function Icon({ name, class: extra }: { name: IconName; class?: string }) {
  return <Svg class={extra}>{PATHS[name]}</Svg>;
}

function Svg({ children, class: extra }: { children: ComponentChildren; class?: string | undefined }) {
  return (
    <svg
      class={extra === undefined ? "icon" : `icon ${extra}`}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}
