let opener: HTMLElement | null = null;

/** To be called when a dialog is asked for: where the focus was. Of a menu it is the button, since the menu goes. */
export function rememberOpener(): void {
  const active = document.activeElement as HTMLElement | null;
  const menu = active?.closest('[role=menu]');
  opener = menu == null ? active : document.getElementById(menu.getAttribute('aria-labelledby') ?? '');
}

/** Gives the focus back, so that somebody without a mouse goes on where they were; to the drawer, where the opener is gone. */
export const focusOpener = (): void =>
  (opener?.isConnected === false ? document.querySelector<HTMLElement>('[data-drawer]') : opener)?.focus();
