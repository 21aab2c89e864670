import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "../kit/button";
import { Notice } from "../kit/notice";
import { Dash } from "../kit/time";
import { type Choice, type EditDraft, changed, conflicts, fieldWords } from "./edit-draft";

interface ConflictProps {
  base: EditDraft;
  mine: EditDraft;
  theirs: EditDraft;
  onTheirs: () => void;
  onMine: (choose: (field: string) => Choice) => void;
}

/** Somebody else changed the row meanwhile: what it is now beside what was typed, and which of them is to be. */
export function ConflictPanel({ base, mine, theirs, onTheirs, onMine }: ConflictProps) {
  const [choices, setChoices] = useState<Readonly<Record<string, Choice>>>({});
  const place = useRef<HTMLDivElement>(null);
  // The button that was pressed is not there any more.
  useEffect(() => place.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus(), []);
  const found = conflicts(base, mine, theirs);
  const foundFields = new Set(found.map(({ field }) => field));
  const untouched = changed(base, mine).filter((field) => !foundFields.has(field));
  const choose = (field: string): Choice => choices[field] ?? "mine";
  return (
    <div class="conflict" ref={place}>
      <Notice tone="warn">
        <strong>It was changed by somebody else meanwhile</strong>
        <p>{found.length === 0 ? "Nothing of it is in this form." : "Nothing was saved. Choose what is to be, and apply yours again."}</p>
      </Notice>
      {found.length > 0 && (
        <div class="conflict-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Was</th>
                <th scope="col">On the server now</th>
                <th scope="col">Yours</th>
              </tr>
            </thead>
            <tbody>
              {found.map(({ field, was, theirs: there, mine: ours, clash }) => (
                <tr key={field}>
                  <th scope="row">{fieldWords(field)}</th>
                  <td>
                    <Text value={was} />
                  </td>
                  <td>
                    {clash ? (
                      <Radio field={field} chosen={choose(field) === "theirs"} value={there} label="Take the server's" onChoose={() => setChoices({ ...choices, [field]: "theirs" })} />
                    ) : (
                      <strong>
                        <Text value={there} />
                      </strong>
                    )}
                  </td>
                  <td>
                    {clash ? (
                      <Radio field={field} chosen={choose(field) === "mine"} value={ours} label="Take yours" onChoose={() => setChoices({ ...choices, [field]: "mine" })} />
                    ) : (
                      <span class="soft">you left it</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {untouched.length > 0 && <p class="soft">Only you changed: {untouched.map(fieldWords).join(", ")}.</p>}
      <div class="conflict-actions">
        <Button onClick={onTheirs}>Take theirs, edit on</Button>
        <Button kind="primary" onClick={() => onMine(choose)} data-autofocus>
          Apply mine again
        </Button>
      </div>
    </div>
  );
}

interface RadioProps {
  field: string;
  chosen: boolean;
  value: string | null;
  label: string;
  onChoose: () => void;
}

function Radio({ field, chosen, value, label, onChoose }: RadioProps) {
  return (
    <label class="conflict-choice">
      <input type="radio" name={`conflict-${field}`} aria-label={`${fieldWords(field)}: ${label}`} checked={chosen} onChange={onChoose} />
      <Text value={value} />
    </label>
  );
}

function Text({ value }: { value: string | null }) {
  return value === null || value === "" ? <Dash /> : <span class="mono">{value}</span>;
}
