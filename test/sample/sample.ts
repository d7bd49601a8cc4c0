import { createHash } from 'node:crypto'

/** A part of a long suite that can run alone. */
export type Piece = {
  /** The value of ONLY that runs it. */
  only: string
  /** The services that it tests most. */
  services: string[]
  /** How long the piece takes on two idle cores. */
  seconds: number
}

/** Seconds for pieces of any service, and for pieces of changed services. Neither grows with the number of services. */
export type Budget = { any: number; changed: number }

/** `any` has the pieces that the hash chose from all pieces. `changed` has the pieces for changed services, chosen from the rest. */
export type Sample = { any: Piece[]; changed: Piece[] }

/**
 * Chooses pieces by a hash, always the same ones for the same hash, and then additional pieces that test a changed service. Always includes
 * the first piece in the hash's order, even if it exceeds the budget, so that some hashes choose each piece.
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

/** Returns the first piece, and each later one that still fits into the seconds. */
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
