// A text that a language model goes on with, token by token.
import { ask, make, weighted, percent } from "/page.js"
import { showAttention } from "/attention.js"

/** A token as it is seen in a list: spaces and line ends have signs. */
const visible = (text) => text.replaceAll(" ", "␣").replaceAll("\n", "⏎").replaceAll("\t", "⇥")

export async function continueText(run, text, card, signal) {
  const taken = []
  const written = make("p", "written")
  const list = make("ol", "alternatives")
  const undo = make("button", "", "Undo", { type: "button" })
  const more = make("button", "", "Take the likeliest 10", { type: "button" })
  const look = make("button", "", "Where it looks", { type: "button" })
  const note = make("p", "quiet")
  const attention = make("section", "", [], { hidden: true })
  card.append(written, make("div", "tools", [more, undo, look]), note, list, attention)
  const buttons = [undo, more, look]

  const guarded = async (work) => {
    for (const button of buttons) button.disabled = true
    try { await work() } catch (error) { if (!signal.aborted) note.textContent = `This did not work: ${error.message}` }
    for (const button of buttons) button.disabled = false
    undo.disabled = taken.length === 0
  }

  const show = async () => {
    const found = await ask("/api/next", { run: run.name, text, taken, count: 10 }, signal)
    const own = found.tokens.slice(found.tokens.length - taken.length)
    // A surprising token is tinted: all of the tint at a probability of a thousandth.
    const surprise = (token) => token.probability === undefined ? 0 : Math.min(1, -Math.log10(token.probability) / 3)
    const part = (token, name) => weighted(make("span", name, token.text, {
      title: token.probability === undefined ? "" : percent(token.probability) }), surprise(token))
    const read = found.tokens.length > taken.length
      ? found.tokens.slice(0, found.tokens.length - taken.length).map((token) => part(token, ""))
      : [make("span", "", text)]
    written.replaceChildren(...read, ...own.map((token) => part(token, "taken")))
    list.replaceChildren(...found.alternatives.map((token) => make("li", "", make("button", "", [
      make("code", "", visible(token.text)), make("div", "track", weighted(make("div", "fill"), token.probability)),
      make("span", "number", percent(token.probability))],
    { type: "button", disabled: found.room === 0, onclick: () => { taken.push(token.id); guarded(show) } }))))
    note.textContent = found.room === 0 ? "The model has no room for more."
      : "The likeliest next tokens; a click takes one. The stronger a token's tint, the less likely it was."
    return found
  }

  more.onclick = () => guarded(async () => {
    for (let count = 0; count < 10; count += 1) {
      const found = await show()
      if (found.room === 0 || !found.alternatives.length) break
      taken.push(found.alternatives[0].id)
    }
    await show()
  })
  undo.onclick = () => { taken.pop(); guarded(show) }
  look.onclick = () => guarded(async () => {
    attention.hidden = false
    attention.replaceChildren(make("h3", "", "Where it looks"))
    await showAttention(attention, { run: run.name, text, taken }, signal)
  })
  await guarded(show)
}
