/** Who owns a service's items: each its customer, the staff, or the staff with read access for everyone. */
export const OWNERS = ['customer', 'staff', 'public'] as const
export type Owner = (typeof OWNERS)[number]

/** The owner for whom the templates are real code, with checks and tests. Parts for other owners are comments in the templates. */
const LIVE: Owner = 'customer'
const MARKER = /^\s*(?:\/\/|<!--) #(if|else|end)\b([a-z ]*)/
const COMMENT = /^(\s*)(?:\/\/ ?|<!-- (?=.* -->$))(.*?)(?: -->)?$/

/**
 * Returns a template's file for one owner. Keeps the lines between two markers if the first marker names the owner:
 *
 *     // #if customer
 *     needs: [catalogNeeds],
 *     // #else
 *     // needs: [],
 *     // #end
 *
 * In Markdown, markers and lines are HTML comments. Throws an error if a marker lacks its partner.
 */
export function withParts(text: string, owner: Owner): string {
  const kept: string[] = []
  let part: { holds: boolean; isLive: boolean } | undefined
  for (const line of text.split('\n')) {
    const [, marker, words = ''] = MARKER.exec(line) ?? []
    if (marker && (marker === 'if') === (part !== undefined)) throw new Error(`This marker is out of place: ${line}`)
    if (marker === 'if') part = { holds: words.split(' ').includes(owner), isLive: words.split(' ').includes(LIVE) }
    else if (marker === 'else') part = { holds: !part!.holds, isLive: !part!.isLive }
    else if (marker === 'end') part = undefined
    else if (!part) kept.push(line)
    else if (part.holds) kept.push(part.isLive ? line : line.replace(COMMENT, '$1$2'))
  }
  if (part) throw new Error('A part has no #end')
  return kept.join('\n')
}
