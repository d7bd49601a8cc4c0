/** A period that the view shows, up to now. */
export type Range = { name: string; label: string; seconds: number }

/** The periods that people can choose. The first is the default. */
export const RANGES: Range[] = [
  { name: '15m', label: '15 min', seconds: 900 },
  { name: '1h', label: '1 h', seconds: 3_600 },
  { name: '6h', label: '6 h', seconds: 21_600 },
  { name: '24h', label: '24 h', seconds: 86_400 }
]

export const rangeNamed = (name: string | null): Range | undefined =>
  name === null ? RANGES[0] : RANGES.find(range => range.name === name)
