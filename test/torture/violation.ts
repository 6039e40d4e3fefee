/** What an oracle found: the engine broke its word. */
export class Violation extends Error {}
