import type { EvidenceRef } from '../../compliance/verdict';
import { formatDay } from '../format';
import { SourceText } from './parts';

/** What stands behind a claim: channel, what it says, where and when it was read, its hash. */
export function EvidenceList(props: { evidence: readonly EvidenceRef[] }) {
  if (props.evidence.length === 0) return <p class="note">No evidence.</p>;
  return (
    <ul class="evidence">
      {props.evidence.map((item, index) => (
        <li key={index}>
          <strong>{item.channel}</strong>: {item.says}
          <span class="fine">
            <SourceText text={item.source} />
            {item.retrieved ? `, read ${formatDay(item.retrieved)}` : ', date not recorded'}
          </span>
          {item.sha256 ? (
            <span class="fine">
              sha256 <code>{item.sha256.replace(/^sha256:/, '')}</code>
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
