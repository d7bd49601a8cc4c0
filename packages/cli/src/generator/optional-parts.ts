/** Whose items a service keeps: each its customer's, the staff's, or everyone's to read and the staff's to write. */
export const OWNERS = ['customer', 'staff', 'public'] as const
export type Owner = (typeof OWNERS)[number]

/** The owner for whom the templates are live code, which is checked and tested. The parts for others are comments there. */
const LIVE: Owner = 'customer'
const MARKER = /^\s*(?:\/\/|<!--) #(if|else|end)\b([a-z ]*)/
const COMMENT = /^(\s*)(?:\/\/ ?|<!-- (?=.* -->$))(.*?)(?: -->)?$/

/**
 * A template's file for one owner. The lines between two markers stay if the markers name the owner:
 *
 *     // #if customer
 *     needs: [catalogNeeds],
 *     // #else
 *     // needs: [],
 *     // #end
 *
 * In Markdown, markers and lines are comments of HTML. Throws an error for a marker without its partner.
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
