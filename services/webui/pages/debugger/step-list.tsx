import { outline, type Step } from "./steps.ts";

export interface StepListProps {
  steps: Step[];
  shown: number;
  /** The id of the step that runs. */
  running: number | undefined;
  onShow: (id: number) => void;
  onRemove: (id: number) => void;
  onPin: (id: number, isPinned: boolean) => void;
}

/** The steps as a tree; the one that is shown is marked. */
export function StepList({ steps, shown, running, onShow, onRemove, onPin }: StepListProps) {
  return (
    <ul className="step-list panel">
      {outline(steps).map(({ step, depth }) => (
        <li key={step.id} style={{ paddingLeft: `${8 + depth * 16}px` }}>
          <button type="button" className="quiet" aria-current={step.id === shown ? "step" : undefined} onClick={() => onShow(step.id)}>
            <span className={`step-state ${stateOf(step, running)}`}>{stateOf(step, running)}</span> <b>{step.callback}</b>{" "}
            <span className="muted">{step.url}</span>
          </button>
          {step.id > 0 && (
            <button
              type="button"
              className="quiet"
              aria-pressed={step.isPinned ?? false}
              title="A pinned step is there again when the debugger is opened again in this browser"
              aria-label={`Pin the step ${step.callback} ${step.url}`}
              onClick={() => onPin(step.id, !step.isPinned)}
            >
              {step.isPinned ? "pinned" : "pin"}
            </button>
          )}
          {step.id > 0 && (
            <button
              type="button"
              className="quiet"
              aria-label={`Remove the step ${step.callback} ${step.url}`}
              onClick={() => onRemove(step.id)}
            >
              ✕
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function stateOf({ id, report }: Step, running: number | undefined): "runs" | "new" | "ok" | "failed" {
  if (id === running) return "runs";
  if (!report) return "new";
  return report.process.ok ? "ok" : "failed";
}
