/**
 * Accepts the current state of every watched item, by ID. Returns the IDs of the items whose state has not changed for long enough. Forgets
 * items that are not in `states`.
 */
type StandstillDetector = (states: Map<string, string>) => string[]

/**
 * Creates a function that finds items whose state has not changed for `milliseconds`. It measures with this process's monotonic clock, so
 * it works even if the machines' clocks are wrong. Use it to take over from a replica that died, because a living replica changes its state
 * more often.
 */
export function standstillDetector(milliseconds: number): StandstillDetector {
  let seen = new Map<string, { state: string; since: number }>()
  return states => {
    const now = performance.now()
    const see = (id: string, state: string) => {
      const before = seen.get(id)
      return before?.state === state ? before : { state, since: now }
    }
    seen = new Map([...states].map(([id, state]) => [id, see(id, state)]))
    return [...seen].filter(([, { since }]) => now - since >= milliseconds).map(([id]) => id)
  }
}
