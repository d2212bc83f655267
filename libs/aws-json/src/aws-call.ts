/**
 * Makes one call to a service of AWS and answers its output.
 *
 * @param operation as the service's API names it, such as `SendMessage`
 * @param input as the API has it; DynamoDB's with plain values, as the SDK's document client takes them
 * @throws Error whose `name` is the service's own word when it refuses
 */
export type AwsCall = (
  operation: string,
  input: object,
  signal?: AbortSignal,
) => Promise<Readonly<Record<string, unknown>>>;
