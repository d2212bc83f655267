import { MultiBar, Presets } from 'cli-progress';
import pc from 'picocolors';
import type { DemoAudience } from './run-demo.ts';

/** An audience that is watched, and what is to be done when the show is over or breaks off. */
export interface Show extends DemoAudience {
  readonly end: () => void;
}

const BAR_WIDTH = 40;

/** Nobody looks: machines, which want the result and nothing else. */
export function silence(): Show {
  return { note: () => undefined, progress: () => undefined, end: () => undefined };
}

/** A line per step, for terminals that cannot move the cursor and for log files. */
export function lines(say: (line: string) => void): Show {
  return { ...silence(), note: (line) => say(`${line} …`) };
}

/** Two bars, on a terminal. */
export function bars(terminal: NodeJS.WriteStream): Show {
  const say = (line: string): void => void terminal.write(`${pc.dim(`${line} …`)}\n`);
  const begun: { multi?: MultiBar; sent?: Bar; processed?: Bar } = {};
  const end = (): void => begun.multi?.stop();
  return {
    // Notes of later steps would tear the bars apart, and these say the same.
    note: (line) => void (begun.multi ?? say(line)),
    progress: ({ answered, deliveries, processedEvents, expectedEvents }) => {
      begun.multi ??= newMultiBar(terminal);
      begun.sent ??= begun.multi.create(deliveries, 0, { what: 'answered ' });
      begun.processed ??= begun.multi.create(deliveries, 0, { what: 'processed' });
      begun.sent.update(answered);
      // Until all are sent, as many events as deliveries are taken as a guess, and more when there are more.
      begun.processed.setTotal(expectedEvents ?? Math.max(deliveries, processedEvents));
      begun.processed.update(processedEvents);
    },
    end,
  };
}

type Bar = ReturnType<MultiBar['create']>;

function newMultiBar(terminal: NodeJS.WriteStream): MultiBar {
  return new MultiBar(
    {
      stream: terminal,
      format: `  {what}  ${pc.cyan('{bar}')}  {value} of {total}`,
      barsize: BAR_WIDTH,
      hideCursor: true,
      gracefulExit: false,
      forceRedraw: false,
    },
    Presets.shades_classic,
  );
}
