/**
 * Measures several sides in turns (A B A B ...), so that a slow phase of the machine affects all of them. The first turn of each side does
 * not count.
 */
export async function measureInTurns<Result, Name extends string>(
  rounds: number,
  sides: Record<Name, () => Promise<Result>>,
  say: (line: string) => void
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(sides) as Name[]
  const results = Object.fromEntries(names.map(name => [name, [] as Result[]])) as Record<Name, Result[]>
  for (const name of names) await sides[name]()
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      const result = await sides[name]()
      results[name].push(result)
      say(`round ${round} of ${rounds}, ${name}: ${JSON.stringify(result)}`)
    }
  }
  return results
}
