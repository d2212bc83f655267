/** Whether it could be done; `false` when it failed with one of these errors, by name. */
export async function unless(
  errorNames: readonly string[],
  attempt: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch (error) {
    if (error instanceof Error && errorNames.includes(error.name)) return false;
    throw error;
  }
}
