/** The source's bytes for the day are spent: nothing was kept, so the sender must be told to try again later. */
export class SetAsideFullError extends Error {
  override readonly name = 'SetAsideFullError';
  readonly code = 'set-aside-full';
  readonly source: string;

  constructor(source: string, capBytes: number) {
    super(
      `source ${source} has set aside its ${capBytes} bytes of this day; raise its cap or wait for tomorrow`,
    );
    this.source = source;
  }
}

/** Nothing is kept under this name, or its body has expired. */
export class SetAsideNotFoundError extends Error {
  override readonly name = 'SetAsideNotFoundError';
  readonly code = 'set-aside-not-found';
}

/** Others kept rewriting the same object; nothing is lost by trying again. */
export class SetAsideContendedError extends Error {
  override readonly name = 'SetAsideContendedError';
  readonly code = 'set-aside-contended';

  constructor(key: string) {
    super(`${key} changed at every attempt to write it; try again`);
  }
}
