// What the page is made of: runs to choose from, one input for all of them, a card for each.
import { askTask } from "/answers.js"
import { continueText } from "/texts.js"

const token = new URLSearchParams(location.hash.slice(1)).get("token")

/** Asks the server; an error of its own becomes an exception with its message. */
export async function ask(path, body, signal) {
  const headers = { "Content-Type": "application/json" }
  if (token) headers.Authorization = `Bearer ${token}`
  const request = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) }
  const response = await fetch(path, { ...request, signal })
  const answer = await response.json()
  if (!response.ok) {
    const { message, hint } = answer.error
    throw new Error(hint ? `${message}: ${hint}` : message)
  }
  return answer
}

/** An element with a class, children and properties; texts are texts, never HTML. */
export function make(name, className, children = [], properties = {}) {
  const element = document.createElement(name)
  if (className) element.className = className
  element.append(...[children].flat())
  return Object.assign(element, properties)
}

/** An element whose tint or length is a weight of 0 to 1. */
export function weighted(element, weight) {
  element.style.setProperty("--w", weight)
  return element
}

export const percent = (share) => `${(100 * share).toFixed(1)} %`

const find = (id) => document.getElementById(id)
const state = { runs: [], mode: "task", asking: null }

function message(text) {
  find("message").textContent = text ?? ""
  find("message").hidden = !text
}

const chosenRuns = () => state.runs.filter((run) => find(`run-${run.index}`)?.checked)

function fittingRuns() {
  return state.mode === "text" ? state.runs.filter((run) => run.writes)
    : state.runs.filter((run) => run.tasks.some((task) => task.name === find("task").value))
}

/** Shows what the mode and the task ask for. */
function arrange() {
  const tasks = new Map(state.runs.flatMap((run) => run.tasks).map((task) => [task.name, task]))
  for (const mode of ["task", "text"]) find(`mode-${mode}`).setAttribute("aria-selected", state.mode === mode)
  find("modes").hidden = tasks.size === 0 || !state.runs.some((run) => run.writes)
  find("task-choice").hidden = state.mode === "text" || tasks.size < 2
  find("ask").textContent = state.mode === "text" ? "Next token" : "Ask"
  const fitting = new Set(fittingRuns())
  find("runs").hidden = fitting.size < 2
  for (const run of state.runs) {
    find(`run-${run.index}`).parentElement.hidden = !fitting.has(run)
    find(`run-${run.index}`).checked = fitting.has(run)
  }
  const task = tasks.get(find("task").value)
  const names = state.mode === "text" ? ["text"] : task?.fields ?? []
  const kept = Object.fromEntries([...find("fields").querySelectorAll("textarea")].map((area) => [area.name, area.value]))
  find("fields").replaceChildren(...names.map((name) =>
    make("label", "", [name, make("textarea", "", [], { name, value: kept[name] ?? "", rows: 3, maxLength: 65536 })])))
  find("results").replaceChildren()
  message()
}

function choose(mode) {
  state.mode = mode
  arrange()
}

async function submit() {
  state.asking?.abort()
  const asking = state.asking = new AbortController()
  message()
  const texts = Object.fromEntries([...find("fields").querySelectorAll("textarea")].map((area) => [area.name, area.value]))
  const runs = chosenRuns()
  if (!runs.length) return message("No run is chosen.")
  const cards = runs.map((run) => make("article", "", [
    make("h2", "", run.name),
    make("p", "facts", `${run.family}, ${run.parameters.toLocaleString("en")} parameters, ${run.facts.join(", ")}`)]))
  find("results").replaceChildren(...cards)
  find("ask").disabled = true
  // One after another: the models are asked in turn anyway, and the first answer shows at once.
  for (const [index, run] of runs.entries()) {
    try {
      if (state.mode === "text") await continueText(run, texts.text, cards[index], asking.signal)
      else await askTask(run, find("task").value, texts, cards[index], asking.signal)
    } catch (error) {
      if (asking.signal.aborted) return
      cards[index].append(make("p", "", `This did not work: ${error.message}`))
    }
  }
  find("ask").disabled = false
}

async function begin() {
  state.runs = (await ask("/api/runs")).runs.map((run, index) => ({ ...run, index }))
  find("runs").append(...state.runs.map((run) =>
    make("label", "", [make("input", "", [], { type: "checkbox", id: `run-${run.index}`, checked: true }), run.name])))
  const names = [...new Set(state.runs.flatMap((run) => run.tasks).map((task) => task.name))]
  find("task").append(...names.map((name) => make("option", "", name, { value: name })))
  find("task").addEventListener("change", arrange)
  for (const mode of ["task", "text"]) find(`mode-${mode}`).addEventListener("click", () => choose(mode))
  find("form").addEventListener("submit", (event) => { event.preventDefault(); submit() })
  find("form").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); submit() }
  })
  choose(names.length ? "task" : "text")
  find("fields").querySelector("textarea")?.focus()
}

begin().catch((error) => message(`The server does not answer: ${error.message}`))
