import { createHash } from 'node:crypto'

/** A part of a long suite that can run alone. */
export type Piece = {
  /** What ONLY says to have it run. */
  only: string
  /** The services that it tries most. */
  services: string[]
  /** What it takes on two idle cores. */
  seconds: number
}

/** Seconds for pieces of any service, and for those of the services that changed. Neither grows with the number of services. */
export type Budget = { any: number; changed: number }

/** Of all pieces: those that the hash chose, and those chosen among the rest for the services that changed. */
export type Sample = { any: Piece[]; changed: Piece[] }

/**
 * Chooses pieces by a hash, the same ones each time, and more of those that try a service that changed. Each piece is chosen by some hashes,
 * for the first in the order that the hash makes is taken whatever its length.
 */
export function sampleOf(pieces: Piece[], hash: string, changed: string[], budget: Budget): Sample {
  const shuffled = pieces
    .map(piece => ({ piece, rank: createHash('sha256').update(`${hash} ${piece.only}`).digest('hex') }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .map(({ piece }) => piece)
  const any = within(budget.any, shuffled)
  const ofChanged = shuffled.filter(
    piece => !any.includes(piece) && piece.services.some(name => changed.includes(name))
  )
  return { any, changed: within(budget.changed, ofChanged) }
}

/** The first, and each further one that the budget has room for. */
function within(seconds: number, pieces: Piece[]): Piece[] {
  const chosen: Piece[] = []
  for (const piece of pieces) {
    if (chosen.length === 0 || secondsOf(chosen) + piece.seconds <= seconds) chosen.push(piece)
  }
  return chosen
}

export function secondsOf(pieces: Piece[]): number {
  return pieces.reduce((sum, { seconds }) => sum + seconds, 0)
}
