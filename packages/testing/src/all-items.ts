type Page<Item> = { body: { items: Item[]; nextCursor?: string } }

/** All items of a list, read page after page; `get` asks for the one at a cursor. Fails when it has more than 1,000 pages. */
export async function allItems<Item>(get: (cursor: string) => PromiseLike<Page<Item>>): Promise<Item[]> {
  const items: Item[] = []
  let cursor = ''
  for (let pages = 0; pages < 1000; pages++) {
    const { body } = await get(cursor)
    items.push(...body.items)
    if (body.nextCursor === undefined) return items
    cursor = `&cursor=${body.nextCursor}`
  }
  throw new Error('The list does not end')
}
