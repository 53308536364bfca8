const PATHS = {
  peers: 'M3.5 5.5a2 2 0 1 0 4 0a2 2 0 1 0-4 0M8.5 10.5a2 2 0 1 0 4 0a2 2 0 1 0-4 0M7 7l2 2',
  edge: 'M8 13.5v-4M5.5 13.5h5M8 9.5a1.5 1.5 0 1 0 0-3a1.5 1.5 0 0 0 0 3M4.8 11a4.5 4.5 0 0 1 0-6M11.2 5a4.5 4.5 0 0 1 0 6',
  services: 'M2 8h3l1.5-4 3 8L11 8h3',
  events: 'M3 4h10M3 8h10M3 12h6',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9a4.5 4.5 0 0 0 0 9M10.3 10.3l3.2 3.2',
  plus: 'M8 3.5v9M3.5 8h9',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  close: 'M4 4l8 8M12 4l-8 8',
  edit: 'M3 13l.6-2.6 7.2-7.2 2 2-7.2 7.2z',
  copy: 'M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2',
  check: 'M3.5 8.5l3 3 6-7',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.6M13 2.5v2.6h-2.6',
  help: 'M5.8 6.2a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.9-1.1 1.7M8 12.3h.01',
  chevron: 'M6 4l4 4-4 4',
  sun: 'M8 10.5a2.5 2.5 0 1 0 0-5a2.5 2.5 0 0 0 0 5M8 2v1M8 13v1M2 8h1M13 8h1M3.8 3.8l.7.7M11.5 11.5l.7.7M3.8 12.2l.7-.7M11.5 4.5l.7-.7',
  moon: 'M12.8 9.6A5.3 5.3 0 0 1 6.4 3.2a5.3 5.3 0 1 0 6.4 6.4z',
  system: 'M2.5 3.5h11v7h-11zM6 13h4M8 10.5V13',
  leave: 'M6.5 3h-3v10h3M7 8h6.5M11 5.5L13.5 8 11 10.5',
  in: 'M12 4L4.5 11.5M4.5 6v5.5H10',
  out: 'M4 12l7.5-7.5M6 4.5h5.5V10',
  back: 'M10 4L6 8l4 4',
  cross: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  refuse: 'M8 13.5a5.5 5.5 0 1 0 0-11a5.5 5.5 0 0 0 0 11M4.2 4.2l7.6 7.6',
  stop: 'M5 5h6v6H5z',
  under: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  alert: 'M8 5.5v3M8 11h.01M8 2.5l6 10.5H2z',
  link: 'M6.5 9.5l3-3M7.5 4.5l1-1a2.8 2.8 0 0 1 4 4l-1 1M8.5 11.5l-1 1a2.8 2.8 0 0 1-4-4l1-1',
} as const;
export type IconName = keyof typeof PATHS;

/** 16 px, drawn with the colour of the text beside it. Says nothing by itself. */
export const Icon = ({ name, className = '' }: { name: IconName; className?: string }) => (
  <svg
    viewBox="0 0 16 16"
    width="16"
    height="16"
    fill="none"
    stroke="currentColor"
    strokeWidth={name === 'more' ? 2.2 : 1.4}
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
    className={`shrink-0 ${className}`}
  >
    <path d={PATHS[name]} />
  </svg>
);

export const Mark = ({ className = '' }: { className?: string }) => (
  <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" className={className}>
    <rect width="32" height="32" rx="8" fill="var(--act)" />
    <g fill="none" stroke="var(--act-ink)" strokeWidth="2.6" strokeLinecap="round">
      <path d="M10.5 23.5C7.6 18 8 12 11.8 8" />
      <path d="M16 24.5c-1.4-5.6-1.1-11.4.6-16.5" />
      <path d="M21.5 23.5c-.2-5 .8-9.5 2.8-13.5" />
    </g>
  </svg>
);
