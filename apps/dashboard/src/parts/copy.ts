/** Whether it is on the clipboard now. The modern way is missing where the page came neither by https nor from this machine. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text: string): boolean {
  const carrier = document.createElement('textarea');
  carrier.value = text;
  carrier.readOnly = true;
  carrier.className = 'fixed opacity-0';
  // Inside an open dialog: its focus trap would take the selection back.
  (document.activeElement?.closest('[role=dialog]') ?? document.body).append(carrier);
  carrier.select();
  const copied = document.execCommand('copy');
  carrier.remove();
  return copied;
}
