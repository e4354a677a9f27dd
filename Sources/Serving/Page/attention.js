// Attention by layer and head: a column for every head, a row for every token.
import { ask, make, weighted } from "/page.js"

/** Weights are many and small: the tint of a cell is its share of the greatest one of its head, a root brighter. */
const tint = (weight, greatest) => Math.sqrt(weight / Math.max(greatest, 1e-9))

/** One head from every place: who looks in rows, what is looked at in columns. */
function matrix(found) {
  const head = make("tr", "", [make("th"), ...found.tokens.map((token) => make("th", "tall", token))])
  const rows = found.rows.map((weights, index) => make("tr", "", [
    make("th", "", found.readers[index]),
    ...weights.map((weight, key) => weighted(make("td", "", [], {
      title: `${found.readers[index]} → ${found.tokens[key]}: ${weight}` }), Math.sqrt(weight)))]))
  return make("div", "scroll", make("table", "heat", [make("thead", "", head), make("tbody", "", rows)]))
}

/** Adds to a section where the heads look as the answer is read. */
export async function showAttention(section, body, signal) {
  const found = await ask("/api/attention", body, signal)
  if (found.reason) return section.append(make("p", "quiet", `Not shown: ${found.reason}.`))
  const heads = found.layers.flatMap((layer, index) => layer.map((weights, head) => ({ layer: index, head, weights })))
  const place = found.reader === undefined ? "As the answer is read" : `From '${found.tokens[found.reader]}', where the answer is read`
  section.append(make("p", "quiet", `${place}: a column is a head, in groups by layer. A click shows a head from every place.`))
  const below = make("div", "")
  const cells = []
  const show = async (column) => {
    const { layer, head } = heads[column]
    for (const cell of cells) cell.element.classList.toggle("chosen", cell.column === column)
    try {
      const one = await ask("/api/attention", { ...body, layer, head })
      below.replaceChildren(make("h3", "", `Layer ${layer + 1}, head ${head + 1}`), matrix(one))
    } catch (error) {
      below.replaceChildren(make("p", "", `This did not work: ${error.message}`))
    }
  }
  const rows = found.tokens.map((token, key) => make("tr", "", [
    make("th", "", token),
    ...heads.map(({ layer, head, weights }, column) => {
      const element = weighted(make("td", head === 0 ? "first" : "", [], {
        title: `layer ${layer + 1}, head ${head + 1}: ${weights[key]}`, onclick: () => show(column) }),
      tint(weights[key], Math.max(...weights)))
      cells.push({ element, column })
      return element
    })]))
  const top = make("tr", "", [make("th"), ...found.layers.map((layer, index) =>
    make("th", "", `${index + 1}`, { colSpan: layer.length }))])
  section.append(make("div", "scroll", make("table", "heat pick", [make("thead", "", top), make("tbody", "", rows)])), below)
}
