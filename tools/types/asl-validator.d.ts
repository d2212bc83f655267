/** The part of asl-validator that tests use; the package's own types are not where it says. */
declare module 'asl-validator' {
  export default function aslValidator(
    definition: unknown,
    options?: { readonly checkArn?: boolean; readonly checkPaths?: boolean },
  ): { readonly isValid: boolean; readonly errorsText: (separator?: string) => string };
}
