import ArgumentParser
import Compute
import Foundation
import Inference
import Serving
import StressTesting
import Support

/// `graft serve`
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Open a page on this machine to try models, and the same as JSON for programs.",
    discussion: """
      The page asks a fine-tuned model about a text or a pair: the answer with its probabilities, the prompt and its \
      tokens, attention by layer and head, what each field alone gives, and which small changes turn the answer. A \
      language model goes on with a text token by token. Several runs stand side by side. For programs there is the \
      same as JSON, and OpenAI's completions.

      It listens on 127.0.0.1 alone. With --host others reach it, who need a token. Ctrl-C ends it with exit code 130 \
      once what was asked is answered.

      Example:
        graft serve runs/sst2
        graft serve runs/sst2 runs/sst2-untrained rootstock-mini --port 8081
        graft serve runs/books --host 0.0.0.0
      """)

  @Argument(
    help: """
      Checkpoints, run directories, Hugging Face folders or names of models that come with Graft (default: these \
      models).
      """, completion: .checkpoints)
  var runs: [String] = []

  @Option(help: "The port; 0 for any that is free.")
  var port = 8080

  @Option(help: "The address of this machine to listen on; another than 127.0.0.1 lets others ask, with a token.")
  var host = "127.0.0.1"

  @Option(help: "What programs send as `Authorization: Bearer TOKEN` (default with --host: one is drawn and shown).")
  var token: String?

  @Option(
    help: """
      As which task texts are put to all models; can be repeated. By default those that each was trained on.
      """, completion: .tasks)
  var task: [String] = []

  @Option(help: "Folder of further task definitions; by default those that each run remembers.")
  var tasks: [String] = []

  @Option(help: "Folder of the WordNet database; $GRAFT_WORDNET or /usr/share/wordnet by default.")
  var wordnet: String?

  @Option(help: "How many requests may wait for an answer; others are told to come again.")
  var queue = ServingLimits().queue

  @Option(help: "Operands of matrix products: bf16, f32.")
  var precision = Precision.f32

  @Flag(help: "Print no line for each request.")
  var quiet = false

  func run() throws {
    var limits = ServingLimits()
    limits.queue = queue
    guard queue > 0 else {
      throw GraftError(.usage, "--queue \(queue) takes no request", hint: "give a positive number.")
    }
    guard (0...65_535).contains(port) else {
      throw GraftError(.usage, "--port \(port) is impossible", hint: "give 0 to 65535.")
    }
    let api = ServingAPI(try models(), limits: limits)
    let isOpen = !["127.0.0.1", "localhost", "::1"].contains(host)
    let token = token ?? (isOpen ? Self.drawnToken() : nil)
    let isQuiet = quiet
    let server = try HTTPServer(api, host: host, port: port, token: token) { line in
      if !isQuiet { standardError("\(Self.time()) \(line)") }
    }
    standardOutput("\(server.address)/\(token.map { "#token=\($0)" } ?? "")")
    try StandardOutput.flush()
    standardError("Ctrl-C ends it.")
    let stop = InterruptHandling.stop
    try stop.awaited { () throws(GraftError) in
      while stop.exitCode == nil { Thread.sleep(forTimeInterval: 0.05) }
      let requests = server.stop()
      try stop.check("stopped after \(requests) request\(requests == 1 ? "" : "s")")
    }
  }

  private func models() throws(GraftError) -> [ServedModel] {
    let paths = runs.isEmpty ? ReleasedModels.names : runs
    var resources = StressResources()
    let folder = WordNet.folder(option: wordnet)
    if wordnet != nil || Paths.isFolder(folder) { resources.wordNet = try WordNet(folder: folder) }
    var models: [ServedModel] = []
    for path in paths {
      let memory = RunMemory(of: path)
      let tasks = try TasksOfRun(path, memory, folders: tasks).tasks(task)
      let model = try OpenModel(
        opening: path, lengths: memory?.lengths, precision: precision, shardCount: 1)
      models.append(
        try ServedModel(
          name: Self.name(path, besides: models.map(\.name)), path: path, model: model, tasks: tasks,
          resources: resources))
      standardError("\(models[models.count - 1].name): \(Self.summary(models[models.count - 1]))")
    }
    return models
  }

  /// The last part of the path that no other model has.
  private static func name(_ path: String, besides others: [String]) -> String {
    let last = Paths.name(of: path)
    let name = last == "model" ? Paths.name(of: Paths.parent(of: path)) : last
    guard others.contains(name) else { return name }
    return (2...).lazy.map { "\(name)-\($0)" }.first { !others.contains($0) } ?? path
  }

  private static func summary(_ model: ServedModel) -> String {
    let tasks = model.tasks.map(\.name).joined(separator: ", ")
    return model.tasks.isEmpty ? "goes on with texts" : "answers \(tasks)"
  }

  private static func drawnToken() -> String {
    let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
    var generator = SystemRandomNumberGenerator()
    return String((0..<26).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
  }

  private static func time() -> String {
    var (now, parts) = (time_t(Date().timeIntervalSince1970), tm())
    localtime_r(&now, &parts)
    return String(format: "%02d:%02d:%02d", parts.tm_hour, parts.tm_min, parts.tm_sec)
  }
}
