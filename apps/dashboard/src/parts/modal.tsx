import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './button.js';
import { focusOpener } from './opener.js';

interface ModalProps {
  title: string;
  /** One sentence under the title. */
  about: ReactNode;
  onClose: () => void;
  /** Asked before Escape or a click outside closes it. */
  mayClose?: () => boolean;
  /** A question that must be answered, not clicked away. */
  grave?: boolean;
  children: ReactNode;
}

/**
 * A dialog that holds the page. Radix brings focus, Escape and the names; its Overlay is not used, since that injects a style
 * element, which a strict Content-Security-Policy refuses: the page is held still by `[data-modal]` in styles.css.
 */
export const Modal = ({ title, about, onClose, mayClose = () => true, grave = false, children }: ModalProps) => (
  <Dialog.Root open onOpenChange={(open) => !open && mayClose() && onClose()}>
    <Dialog.Portal>
      <div data-modal="" className="fixed inset-0 z-40 grid overflow-y-auto bg-[rgb(10_12_15/0.45)] p-4 sm:place-items-center">
        <Dialog.Content
          role={grave ? 'alertdialog' : 'dialog'}
          aria-modal="true"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            focusOpener();
          }}
          onInteractOutside={(event) => grave && event.preventDefault()}
          className="rise w-full max-w-[460px] self-start rounded-xl bg-raised shadow-pop outline-none sm:self-auto"
        >
          <header className="flex items-start gap-4 px-5 pt-4">
            <div className="min-w-0 flex-1">
              <Dialog.Title className="text-lg font-semibold">{title}</Dialog.Title>
              <Dialog.Description className="text-soft">{about}</Dialog.Description>
            </div>
            <Dialog.Close asChild>
              <IconButton icon="close" label="Close" hint="Esc" look="small" className="-mr-1.5" />
            </Dialog.Close>
          </header>
          <div className="px-5 pt-4 pb-5">{children}</div>
        </Dialog.Content>
      </div>
    </Dialog.Portal>
  </Dialog.Root>
);

/** `aside`: what does not end the dialog, away from what does. */
export const ModalActions = ({ children, aside }: { children: ReactNode; aside?: ReactNode }) => (
  <div className="mt-5 flex flex-wrap justify-end gap-2">
    {aside !== undefined && <div className="mr-auto">{aside}</div>}
    {children}
  </div>
);
