/** Returns the next patch version: `1.2.4` for `1.2.3`. */
export const nextPatch = (version: string) => version.replace(/\d+$/, patch => String(Number(patch) + 1))

/** True if `one` is an older version than `other`. Both have the form `major.minor.patch`. */
export function isOlder(one: string, other: string): boolean {
  const [before, after] = [one, other].map(version => version.split('.').map(Number))
  const place = before!.findIndex((number, index) => number !== after![index])
  return place >= 0 && before![place]! < after![place]!
}
