/** Measures the sides in turns (A B A B ...), so that what slows the machine meets all of them, after a turn of each that does not count. */
export async function inTurns<Of, Name extends string>(
  rounds: number,
  sides: Record<Name, () => Promise<Of>>,
  tell: (line: string) => void
): Promise<Record<Name, Of[]>> {
  const names = Object.keys(sides) as Name[]
  const results = Object.fromEntries(names.map(name => [name, [] as Of[]])) as Record<Name, Of[]>
  for (const name of names) await sides[name]()
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      const result = await sides[name]()
      results[name].push(result)
      tell(`round ${round} of ${rounds}, ${name}: ${JSON.stringify(result)}`)
    }
  }
  return results
}
