/** The request was not made, or its answer not taken, and will not be: change the address. Never holds path or query. */
export class EgressRefusedError extends Error {
  override readonly name = 'EgressRefusedError';
}

/** The receiver could not be reached, or did not answer in time: try again later. Never holds path or query. */
export class EgressUnavailableError extends Error {
  override readonly name = 'EgressUnavailableError';
}
