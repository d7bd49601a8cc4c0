/** A metric of a scrape: its type, and its samples by their name with their labels. */
export type Family = { type: string; samples: Map<string, number> }

/** Returns the metrics of a scrape in Prometheus' text format, by their names. */
export function familiesOf(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  let current: Family | undefined
  for (const line of text.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
    if (name && type) {
      current = { type, samples: new Map() }
      families.set(name, current)
    }
    const [, sample, value] = /^([^#]\S*(?:\{.*\})?) (\S+)$/.exec(line) ?? []
    if (sample) current!.samples.set(sample, Number(value))
  }
  return families
}
