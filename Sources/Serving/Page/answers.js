// What a run answers to a text or a pair, and what is behind it.
import { ask, make, weighted, percent } from "/page.js"
import { showAttention } from "/attention.js"

/** A bar for every answer that could be given. */
function bars(probabilities) {
  return make("div", "bars", probabilities.flatMap(({ answer, probability }) => [
    make("span", "name", answer),
    make("div", "track", weighted(make("div", "fill"), probability)),
    make("span", "number", percent(probability))]))
}

/** The probability of the answer that was given, where there is one. */
function sureness({ answer, probabilities }) {
  const own = probabilities?.find((one) => one.answer === answer)
  return own ? ` ${percent(own.probability)}` : ""
}

function section(card, title, ...children) {
  const found = make("section", "", [make("h3", "", title), ...children])
  card.append(found)
  return found
}

/** A text with the words marked that another one does not have in their place. */
function difference(before, after) {
  const [old, now] = [before, after].map((text) => text.split(/(\s+)/))
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1))
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = old[i] === now[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1])
    }
  }
  const parts = []
  let [i, j] = [0, 0]
  while (j < now.length) {
    if (i < old.length && old[i] === now[j]) { parts.push(now[j]); i += 1; j += 1 }
    else if (i < old.length && lengths[i + 1][j] >= lengths[i][j + 1]) i += 1
    else { parts.push(now[j].trim() ? make("mark", "", now[j]) : now[j]); j += 1 }
  }
  return parts
}

function partialRow(part) {
  const name = part.shown.replace(/^only /, "only: ")
  return make("li", "", make("div", "top", [
    make("span", "", name), make("span", "said", part.answer.answer), make("span", "number", sureness(part.answer)),
    ...part.flips ? [make("span", "badge flip", "another answer")] : []]))
}

function variantRow(variant, fields) {
  const changed = Object.entries(variant.fields).filter(([name, text]) => text !== fields[name])
  const badges = []
  if (variant.flips) badges.push(make("span", "badge flip", "flips"))
  if (!variant.isExpected) badges.push(make("span", "badge flip", `expected: ${variant.expected.join(" or ")}`))
  return make("li", "", [
    make("div", "top", [
      make("span", "", variant.transform), make("span", "said", variant.answer.answer),
      make("span", "number", sureness(variant.answer)), ...badges]),
    ...changed.map(([name, text]) => make("div", "changed", difference(fields[name] ?? "", text)))])
}

export async function askTask(run, task, fields, card, signal) {
  const body = { run: run.name, task, fields }
  const answer = await ask("/api/answer", body, signal)
  card.append(make("p", "answer", answer.answer), ...answer.probabilities ? [bars(answer.probabilities)] : [])
  const prompt = section(card, "What the model reads", make("p", "prompt", answer.prompt.text),
    make("ul", "tokens", answer.prompt.tokens.map((token) => make("li", "", token))))
  prompt.append(make("p", "quiet", `${answer.prompt.tokens.length} tokens`
    + (answer.prompt.isCut ? "; the text is longer than the model reads, and was cut" : "")))

  const { parts } = await ask("/api/partial", body, signal)
  section(card, parts.length > 1 ? "What each part gives alone" : "The same words in random order",
    make("ul", "rows", parts.map(partialRow)))

  const found = await ask("/api/variants", body, signal)
  const variants = section(card, "Small changes of the text")
  if (found.reason) variants.append(make("p", "quiet", `None: ${found.reason}.`))
  else {
    const sorted = found.variants.sort((a, b) => (b.flips + !b.isExpected) - (a.flips + !a.isExpected))
    const flips = sorted.filter((variant) => variant.flips).length
    variants.append(
      make("p", "quiet", `${flips} of ${sorted.length} turn the answer. What is expected holds if the answer above is right.`),
      make("ul", "rows", sorted.map((variant) => variantRow(variant, fields))),
      make("details", "", [make("summary", "", `${found.notApplicable.length} that do not apply`),
        make("ul", "rows", found.notApplicable.map(({ transform, reason }) =>
          make("li", "quiet", `${transform}: ${reason}`)))]))
  }
  await showAttention(section(card, "Where it looks"), body, signal)
}
