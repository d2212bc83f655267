import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommanderError } from 'commander';
import type { BackfillOptions } from './backfill.ts';
import type { CompletenessOptions } from './completeness.ts';
import type { CommandContext, GlobalOptions } from './context.ts';
import type { ExitCode } from './cli-error.ts';
import { PROCESSOR_BATCH, type Traffic } from './estimate-cost.ts';
import { SET_ASIDE_KINDS } from './set-aside-kinds.ts';
import type { DiscardOptions } from './discard-set-aside.ts';
import type { LakeOptions } from './lake-selection.ts';
import type { ListSetAsideOptions } from './list-set-aside.ts';
import type { ReplayOptions } from './replay-set-aside.ts';
import type { DecideOptions } from './review.ts';
import type { QuietOption, RotateOptions } from './secrets.ts';
import type { ShowSetAsideOptions } from './show-set-aside.ts';
import type { StopDeps } from './stop.ts';
import type { TraceOptions } from './trace.ts';
import type { VerifyOptions } from './verify.ts';

export interface ProgramDeps {
  /** The context of a command with these global options. */
  readonly contextOf: (options: GlobalOptions) => CommandContext;
  readonly stopDeps: StopDeps;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

type Run = (context: CommandContext) => Promise<ExitCode>;

const MAX_REPEAT = 100_000;

/**
 * Runs one command line, without the program's own name. Each command is loaded when it is given, so that help and wrong
 * usage are quick.
 *
 * @throws CommanderError for help and wrong usage, whose text is written already; what the command throws
 */
export async function runProgram(args: readonly string[], deps: ProgramDeps): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const perform =
    (run: (...given: never[]) => Run) =>
    async (...given: unknown[]): Promise<void> => {
      const command = given.pop() as Command;
      const {
        json = false,
        dryRun = false,
        yes = false,
        stage = 'local',
      } = command.optsWithGlobals<Partial<GlobalOptions>>();
      exitCode = await run(...(given as never[]))(deps.contextOf({ json, dryRun, yes, stage }));
    };
  const program = rootCommand(deps);
  addCommands(program, perform, deps);
  await program.parseAsync(args, { from: 'user' });
  return exitCode;
}

type Perform = (run: (...given: never[]) => Run) => (...given: unknown[]) => Promise<void>;

function rootCommand({ writeOut, writeErr }: ProgramDeps): Command {
  return new Command('aftercall')
    .description('Looks into a running Aftercall: the stack that `npm start` runs here, or a stage on AWS.')
    .option('--json', 'print one JSON document')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--stage <name>', 'a stage of infra/stages on AWS (default: local, the stack that runs here)')
    .option('--yes', 'make things on AWS without asking')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part.')
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .configureOutput({ writeOut, writeErr });
}

function addCommands(program: Command, perform: Perform, deps: ProgramDeps): void {
  program
    .command('send <file...>')
    .description('sign files as a source would and deliver them')
    .option('--source <key>', 'the source to sign as', 'main')
    .option('--repeat <times>', 'deliver each file so often, under one delivery id', wholeNumber, 1)
    .option('--url <url>', 'where to, needed with --stage')
    .action(
      perform(
        (files: string[], options: { source: string; repeat: number; url?: string }) => async (context) =>
          (await import('./send.ts')).send(files, options, context),
      ),
    );
  program
    .command('verify')
    .description('say why a signature fails')
    .requiredOption('--source <key>', 'the source it was sent to')
    .requiredOption('--headers <file>', 'its headers, `name: value` lines or JSON; - for standard input')
    .requiredOption('--body <file>', 'its exact body')
    .action(
      perform(
        (options: VerifyOptions) => async (context) => (await import('./verify.ts')).verify(options, context),
      ),
    );
  program
    .command('trace <id>')
    .description('say what became of an event: its id or declared id, a delivery id or a conversation id')
    .option('--org <org>', 'the organisation, needed with --stage')
    .action(
      perform(
        (id: string, options: TraceOptions) => async (context) =>
          (await import('./trace.ts')).trace(id, options, context),
      ),
    );
  program
    .command('stop')
    .description('stop the stack that runs here')
    .action(perform(() => async (context) => (await import('./stop.ts')).stop(context, deps.stopDeps)));
  program
    .command('doctor')
    .description('check secrets, logins, permissions, topics and queues, and say what to do')
    .action(perform(() => async (context) => (await import('./doctor.ts')).doctor(context)));
  program
    .command('cost')
    .description('say what a month of such traffic costs on AWS, and what would bring it down')
    .requiredOption('--events <number>', 'outcomes a month', atLeastOne)
    .option('--batch <number>', 'outcomes in a delivery', atLeastOne, 1)
    .option(
      '--processor-batch <number>',
      'outcomes that the processor gets at once where deliveries have fewer, 1 to 10',
      atLeastOne,
      PROCESSOR_BATCH,
    )
    .option('--transcripts <share>', 'the share of outcomes whose transcript is fetched, 0 to 1', share, 0)
    .option('--violations <share>', 'the share of outcomes with violations, 0 to 1', share, 0)
    .action(
      perform((traffic: Traffic) => async (context) => (await import('./cost.ts')).cost(traffic, context)),
    );
  addLocalCommands(program.command('local').description('the AWS of the stack that runs here'), perform);
  addCircuitCommands(
    program.command('circuit').description('what is held because something is down'),
    perform,
  );
  addBackfillCommands(program, perform);
  addSourceCommands(program.command('sources').description('the ways in'), perform);
  addSecretsCommands(program.command('secrets').description('what senders sign with'), perform);
  addSetAsideCommands(program.command('set-aside').description('what could not go on'), perform);
  addReviewCommands(program.command('review').description('what people decide about dead letters'), perform);
  addLakeCommands(program.command('lake').description('the outcomes, as files that analysts query'), perform);
}

function addLocalCommands(local: Command, perform: Perform): void {
  for (const [order, description] of [
    ['stop', 'stop one service of it: connections are refused, its data stays'],
    ['start', 'start it again'],
  ] as const)
    local
      .command(`${order} <service>`)
      .description(description)
      .action(
        perform(
          (service: string) => async (context) =>
            (await import('./local-service.ts')).localService(order, service, context),
        ),
      );
}

function addCircuitCommands(circuit: Command, perform: Perform): void {
  circuit
    .command('status')
    .description('list the circuits that are open, since when and why')
    .action(perform(() => async (context) => (await import('./circuit.ts')).circuitStatus(context)));
  circuit
    .command('open <downstream>')
    .description('hold what needs it, until it is closed by hand')
    .requiredOption('--reason <text>', 'why, for whoever sees it open')
    .action(
      perform(
        (downstream: string, options: { reason: string }) => async (context) =>
          (await import('./circuit.ts')).openCircuit(downstream, options, context),
      ),
    );
  circuit
    .command('close <downstream>')
    .description('let go on what was held for it')
    .requiredOption('--reason <text>', 'why')
    .action(
      perform(
        (downstream: string, options: { reason: string }) => async (context) =>
          (await import('./circuit.ts')).closeCircuit(downstream, options, context),
      ),
    );
}

function addBackfillCommands(program: Command, perform: Perform): void {
  program
    .command('backfill')
    .description('look for conversations whose outcome never came, and fetch it from Genesys Cloud')
    .requiredOption('--interval <from/to>', 'when they ended, such as 2026-11-20/2026-11-21 (UTC)')
    .option('--source <key>', 'only of this source of the backfill')
    .option('--recent', 'ask the query and not a job: for the last hours, which jobs do not know yet')
    .option('--wait', 'wait until it is done')
    .action(
      perform(
        (options: BackfillOptions) => async (context) =>
          (await import('./backfill.ts')).backfill(options, context),
      ),
    );
  program
    .command('completeness')
    .description('say how complete a day is, and which conversations are missing')
    .requiredOption('--date <date>', 'the UTC day on which they ended, such as 2026-11-20')
    .option('--source <key>', 'only of this source of the backfill')
    .action(
      perform(
        (options: CompletenessOptions) => async (context) =>
          (await import('./completeness.ts')).completeness(options, context),
      ),
    );
}

function addSourceCommands(sources: Command, perform: Perform): void {
  sources
    .command('list')
    .description('list them')
    .option('--show-secret', 'with their signing secrets')
    .action(
      perform(
        ({ showSecret = false }: { showSecret?: boolean }) =>
          async (context) =>
            (await import('./sources.ts')).listSources({ showSecret }, context),
      ),
    );
  sources
    .command('add <key>')
    .description('add one, and make its secret')
    .requiredOption('--scheme <scheme>', 'genesys-webhook, open-messaging, standard-webhooks, or its JSON')
    .action(
      perform(
        (key: string, options: { scheme: string }) => async (context) =>
          (await import('./sources.ts')).addSource(key, options, context),
      ),
    );
}

function addSecretsCommands(secrets: Command, perform: Perform): void {
  const withQuiet = (command: Command): Command =>
    command.option(
      '--quiet <time>',
      'how long the previous version must have verified nothing; senders repeat for a day',
      '24h',
    );
  const withForce = (command: Command): Command =>
    withQuiet(command).option('--force', 'although the previous version may still be signed with');
  withQuiet(secrets.command('status'))
    .description('say which version of each secret verifies deliveries')
    .action(
      perform(
        (options: QuietOption) => async (context) =>
          (await import('./secrets.ts')).secretsStatus(options, context),
      ),
    );
  withForce(secrets.command('rotate <source>'))
    .description('store a new secret, wait until it has spread, and say when to switch the sender')
    .option('--recycle', 'also change a variable of ingest, so that its containers start anew')
    .action(
      perform(
        (source: string, options: RotateOptions) => async (context) =>
          (await import('./secrets.ts')).rotateSecret(source, options, context),
      ),
    );
  secrets
    .command('rotate-keyring')
    .description('give the keyring that seals queue messages a new key; the old ones open for 90 days more')
    .action(perform(() => async (context) => (await import('./rotate-keyring.ts')).rotateKeyring(context)));
  withForce(secrets.command('retire <source>'))
    .description('let the previous version verify nothing more')
    .action(
      perform(
        (source: string, options: QuietOption) => async (context) =>
          (await import('./secrets.ts')).retireSecret(source, options, context),
      ),
    );
}

function addSetAsideCommands(setAside: Command, perform: Perform): void {
  const kind = () => new Option('--kind <kind>', 'only this kind').choices(SET_ASIDE_KINDS);
  setAside
    .command('list')
    .description('list it, newest first')
    .addOption(kind())
    .option('--reason <reason>', 'only with this reason')
    .option('--conversation <id>', 'only of this conversation')
    .option('--since <time>', 'only since then: 30m, 2h, 3d or an ISO time')
    .action(
      perform(
        (options: ListSetAsideOptions) => async (context) =>
          (await import('./list-set-aside.ts')).listSetAside(options, context),
      ),
    );
  setAside
    .command('show <id>')
    .description('show one, with its content; the start of an id is enough')
    .addOption(kind())
    .action(
      perform(
        (id: string, options: ShowSetAsideOptions) => async (context) =>
          (await import('./show-set-aside.ts')).showSetAside(id, options, context),
      ),
    );
  addWayBackCommands(setAside, perform);
}

function addWayBackCommands(setAside: Command, perform: Perform): void {
  const selecting = (command: Command): Command =>
    command
      .addOption(new Option('--kind <kind>', 'only this kind').choices(SET_ASIDE_KINDS))
      .option('--reason <reason>', 'only with this reason')
      .option('--conversation <id>', 'only of this conversation')
      .option('--since <time>', 'only set aside since then: 30m, 2h, 3d or an ISO time')
      .option('--until <time>', 'only set aside before then');
  selecting(setAside.command('replay [ids...]'))
    .description('send it again; what is done already is not done twice')
    .option('--again', 'also what was replayed or discarded before')
    .addOption(
      new Option('--force <consumer>', 'forget its claim first, so that the effect comes once more').choices([
        'processor',
        'transcript-fetcher',
      ]),
    )
    .option('--rate <perSecond>', 'no faster than this', positiveNumber)
    .option('--because <text>', 'why, for the index')
    .action(
      perform(
        (ids: string[], options: ReplayOptions) => async (context) =>
          (await import('./replay-set-aside.ts')).replaySetAside(ids, options, context),
      ),
    );
  selecting(setAside.command('discard [ids...]'))
    .description('give it up; who, when and why stays in the index')
    .requiredOption('--because <text>', 'why')
    .action(
      perform(
        (ids: string[], options: DiscardOptions) => async (context) =>
          (await import('./discard-set-aside.ts')).discardSetAside(ids, options, context),
      ),
    );
}

function addReviewCommands(review: Command, perform: Perform): void {
  review
    .command('list')
    .description('list them, newest first')
    .action(perform(() => async (context) => (await import('./review.ts')).listReviews(context)));
  review
    .command('approve <id>')
    .description('have its letters replayed; the start of an id is enough')
    .option('--because <text>', 'why, for the index')
    .action(
      perform(
        (id: string, options: DecideOptions) => async (context) =>
          (await import('./review.ts')).decideReview(id, 'replay', options, context),
      ),
    );
  review
    .command('reject <id>')
    .description('have its letters discarded')
    .requiredOption('--because <text>', 'why')
    .action(
      perform(
        (id: string, options: DecideOptions) => async (context) =>
          (await import('./review.ts')).decideReview(id, 'discard', options, context),
      ),
    );
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is wanted.');
  return value;
}

function addLakeCommands(lake: Command, perform: Perform): void {
  const withSelection = (command: Command): Command =>
    command
      .option('--source <key>', 'only of this source')
      .option('--since <time>', 'only what happened since then: 30m, 2h, 3d or an ISO time')
      .option('--until <time>', 'only what happened before then');
  withSelection(lake.command('check'))
    .description('count rows, files and sizes; look for duplicates and files that cannot be read')
    .action(
      perform(
        (options: LakeOptions) => async (context) =>
          (await import('./check-lake.ts')).checkLake(options, context),
      ),
    );
  withSelection(lake.command('query <sql>'))
    .description('ask the tables outcomes and outcomes_latest, with the SQL of DuckDB')
    .action(
      perform(
        (sql: string, options: LakeOptions) => async (context) =>
          (await import('./query-lake.ts')).queryLake(sql, options, context),
      ),
    );
}

function atLeastOne(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('A whole number from 1 is wanted.');
}

function share(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('A number from 0 to 1 is wanted.');
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_REPEAT) return number;
  throw new InvalidArgumentError(`A whole number from 1 to ${MAX_REPEAT} is wanted.`);
}

/** The exit code of what commander ended: help that was asked for is no mistake. */
export function exitCodeOf({ exitCode }: CommanderError): ExitCode {
  return exitCode === 0 ? 0 : 2;
}
