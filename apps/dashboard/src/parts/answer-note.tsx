import { latency } from '../logic/moment.js';
import { meaningOf } from '../logic/reasons.js';
import { said } from '../logic/said.js';
import { StateShape } from './state-mark.js';

interface AnswerNoteProps {
  answer: { ok: boolean; sentence: string; rtt_ms: number | null; reason?: string | null };
}

/** What a question to the other side gave: whether it works, why not, and where to look. */
export const AnswerNote = ({ answer: { ok, sentence, rtt_ms: rtt, reason = null } }: AnswerNoteProps) => {
  const meaning = meaningOf(reason);
  return (
    <div data-answer={ok ? 'ok' : 'not'} className={`flex gap-2.5 rounded-md px-3 py-2.5 ${ok ? 'bg-up-wash' : 'bg-down-wash'}`}>
      <StateShape status={ok ? 'up' : 'down'} health={ok ? 'up' : 'down'} className="mt-1" />
      <div className="min-w-0">
        <p className="font-medium">
          {said(sentence)}
          {rtt !== null && <span className="font-normal text-soft"> {latency(rtt)}</span>}
        </p>
        {reason !== null && (
          <p className="text-soft">
            {meaning} <code className="font-mono text-xs whitespace-nowrap">{reason}</code>
          </p>
        )}
      </div>
    </div>
  );
};
