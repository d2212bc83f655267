/** The part of dynalite that tests and the local stack use; the package brings no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  export default function dynalite(options: {
    readonly createTableMs: number;
    readonly updateTableMs?: number;
    readonly deleteTableMs?: number;
  }): Server;
}
