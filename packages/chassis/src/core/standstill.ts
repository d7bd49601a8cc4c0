/** Takes the present state of every watched item, by ID, and returns the IDs of the items that stand still. Forgets all other items. */
type StandstillDetector = (states: Map<string, string>) => string[]

/**
 * Creates a function that finds items whose state has not changed for `milliseconds`. It measures with this process's monotonic clock, so it
 * works however wrong the machines' clocks are. Use it to take over from a replica that died: a living one changes the state more often.
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
