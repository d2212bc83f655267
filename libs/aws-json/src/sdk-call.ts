import type { AwsCall } from './aws-call.ts';

/** A client of the AWS SDK, as far as a call needs it. */
interface SdkClient {
  // The SDK types each command's input and output together, which a table of commands cannot.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  send(command: any, options: { abortSignal?: AbortSignal }): Promise<object>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type SdkCommands = Readonly<Record<string, new (input: any) => object>>;

/** The same calls through the SDK. @param commands operation → the SDK's class for it */
export const sdkCall =
  (client: SdkClient, commands: SdkCommands): AwsCall =>
  async (operation, input, signal) => {
    const Command = commands[operation];
    if (!Command) throw new Error(`no command was given for ${operation}`);
    return { ...(await client.send(new Command(input), signal ? { abortSignal: signal } : {})) };
  };
