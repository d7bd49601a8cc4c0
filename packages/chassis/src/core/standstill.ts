/**
 * Finds what has stood still for `milliseconds` or longer, as this process saw it by a clock of its own that only runs. What whoever is
 * alive changes more often than that is given up once it stands still, however wrong the clock is that its times were set by, and is left
 * alone while it moves, however wrong ours is.
 *
 * The function it returns takes the state of each of all that are watched, by ID, and returns the IDs of those that stand still. What
 * it is not told of is forgotten.
 */
export function standstillDetector(milliseconds: number) {
  let seen = new Map<string, { state: string; since: number }>()
  return (states: Map<string, string>): string[] => {
    const now = performance.now()
    const look = (id: string, state: string) => {
      const before = seen.get(id)
      return before?.state === state ? before : { state, since: now }
    }
    seen = new Map([...states].map(([id, state]) => [id, look(id, state)]))
    return [...seen].filter(([, { since }]) => now - since >= milliseconds).map(([id]) => id)
  }
}
