import { createHash } from 'node:crypto'

/** A part of a long suite that can run alone. */
export type Piece = {
  /** The value of ONLY that runs it. */
  only: string
  /** The services that it tests most. */
  services: string[]
  /** How long it takes on two idle cores. */
  seconds: number
}

/** Seconds for pieces of any service, and for those of the services that changed. Neither grows with the number of services. */
export type Budget = { any: number; changed: number }

/** Of all pieces: those that the hash chose, and those chosen among the rest for the services that changed. */
export type Sample = { any: Piece[]; changed: Piece[] }

/**
 * Chooses pieces by a hash, always the same ones for the same hash, and then further pieces that test a changed service. The first piece in
 * the hash's order is taken even if it exceeds the budget, so that each piece is chosen by some hashes.
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

/** Takes the first piece, and each further one that still fits into the seconds. */
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
