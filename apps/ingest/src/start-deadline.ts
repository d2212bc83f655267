export interface Deadline {
  /** Fires when the time is over. */
  readonly signal: AbortSignal;
  /** To be called when the answer is clear: it ends the timer, and whatever is still under way. */
  end(): void;
}

/** Starts the clock for one request; its time may be over before it gets here. */
export function startDeadline(milliseconds: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.max(0, milliseconds));
  const end = () => {
    clearTimeout(timer);
    controller.abort('answered');
  };
  return { signal: controller.signal, end };
}
