import { createHash } from 'node:crypto'

/** Maximum number of remembered handles. They take 16 MiB. */
export const MOST_HANDLES = 1_000_000

/** Remembers handles by 64 bits of their SHA-256, in 16 to 32 bytes each. A million strings would take more than 100 MiB. */
export function seenHandles() {
  let slots = new Uint32Array(2 * 1024)
  let count = 0

  /** Finds the slot of a hash, or the free slot for it, by open addressing in a table whose size is a power of two. */
  function placeOf(high: number, low: number) {
    const mask = slots.length / 2 - 1
    let place = low & mask
    while (isTaken(place) && (slots[2 * place] !== high || slots[2 * place + 1] !== low)) place = (place + 1) & mask
    return place
  }

  const isTaken = (place: number) => slots[2 * place] !== 0 || slots[2 * place + 1] !== 0

  function put(high: number, low: number) {
    slots.set([high, low], 2 * placeOf(high, low))
  }

  function grow() {
    const old = slots
    slots = new Uint32Array(2 * old.length)
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot] !== 0 || old[slot + 1] !== 0) put(old[slot]!, old[slot + 1]!)
    }
  }

  return {
    size: () => count,
    has: (handle: string) => isTaken(placeOf(...hashOf(handle))),
    /** Remembers a handle. Returns false if it was seen before. */
    add(handle: string): boolean {
      const [high, low] = hashOf(handle)
      if (isTaken(placeOf(high, low))) return false
      put(high, low)
      count += 1
      if (4 * count > slots.length) grow()
      return true
    }
  }
}

function hashOf(handle: string): [high: number, low: number] {
  const hash = createHash('sha256').update(handle).digest()
  return [hash.readUInt32LE(0), hash.readUInt32LE(4)]
}
