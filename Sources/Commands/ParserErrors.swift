import ArgumentParser
import Foundation
import Support

/// What the parser says is wrong, in the words of all other errors, and with what was meant.
enum ParserErrors {
  /// What other programs call a flag, to what Graft calls it; the first that a command has is meant.
  private static let synonyms: [String: [String]] = [
    "bf16": ["precision"], "fp16": ["precision"], "dtype": ["precision"],
    "batch-size": ["batch"], "bs": ["batch"], "per-device-train-batch-size": ["batch"],
    "train-batch-size": ["batch"],
    "data-dir": ["data"], "dataset": ["task", "corpus", "data"], "train-file": ["corpus", "task"], "text": ["input"],
    "device": ["backend"], "early-stopping-patience": ["patience"],
    "eval-every": ["evaluate-every"], "eval-steps": ["evaluate-every"], "eval-strategy": ["evaluate-every"],
    "file": ["input", "corpus"], "predict": ["predictions"],
    "gradient-accumulation-steps": ["micro-batches"], "grad-accum": ["micro-batches"],
    "gradient-checkpointing": ["recompute"], "grad-clip": ["clip"], "max-grad-norm": ["clip"],
    "label-smoothing-factor": ["label-smoothing"], "load": ["checkpoint"], "lora-r": ["lora-rank"],
    "lr": ["learning-rate"], "lr-scheduler": ["schedule"], "lr-scheduler-type": ["schedule"], "scheduler": ["schedule"],
    "max-length": ["input-length", "sequence-length"], "max-new-tokens": ["target-length"],
    "max-seq-length": ["input-length", "sequence-length"], "max-tokens": ["target-length"],
    "max-samples": ["limit"], "max-train-samples": ["limit"], "max-steps": ["steps"], "iterations": ["steps"],
    "model": ["checkpoint", "backbone"], "model-name": ["checkpoint", "backbone"],
    "model-name-or-path": ["checkpoint"], "pretrained": ["checkpoint"], "run": ["checkpoint"],
    "num-beams": ["beam"], "beams": ["beam"], "num-fewshot": ["shots"], "few-shot": ["shots"],
    "num-epochs": ["epochs"], "num-train-epochs": ["epochs"], "n-epochs": ["epochs"], "epoch": ["epochs"],
    "num-workers": ["shards"], "threads": ["shards"], "num-threads": ["shards"],
    "optim": ["optimizer"], "out": ["output"], "out-dir": ["output"], "output-dir": ["output"], "save-dir": ["output"],
    "random-seed": ["seed"], "num-seeds": ["seeds"], "resume-from-checkpoint": ["resume"],
    "save-steps": ["save-every"], "save-interval": ["save-every"], "save-total-limit": ["keep"],
    "temperature": ["sample", "temperature"], "time": ["budget"], "max-time": ["budget"], "hours": ["budget"],
    "tokenizer-name": ["tokenizer"], "vocab-size": ["vocabulary-size", "size"],
    "warmup-ratio": ["warmup"], "warmup-steps": ["warmup"], "num-warmup-steps": ["warmup"],
    "wd": ["optimizer-option"], "weight-decay": ["optimizer-option"], "beta1": ["optimizer-option"],
    "adam-epsilon": ["optimizer-option"], "momentum": ["optimizer-option"],
  ]

  /// Flags with hyphens for the underscores that other programs write: `--batch_size=8` is `--batch-size=8`.
  static func canonical(_ words: [String]) -> [String] {
    let end = words.firstIndex(of: "--") ?? words.count
    return words.enumerated().map { index, word in
      guard index < end, word.hasPrefix("--"), word.contains("_") else { return word }
      let name = word.prefix { $0 != "=" }
      return String(name.replacing("_", with: "-") + word.dropFirst(name.count))
    }
  }

  /// - Parameters:
  ///   - message: of the parser, without usage.
  ///   - words: what was typed, without the program.
  static func error(_ message: String, words: [String]) -> GraftError {
    let (type, count) = GraftCommand.command(of: words)
    let name = type == GraftCommand.self ? "graft" : GraftCommand.path(words, count)
    let help = "`\(count == 0 ? "graft help" : "graft help \(name)")` shows all."
    let flags = (try? CommandFlag.all(of: type)) ?? []
    let subcommands = type.configuration.subcommands.compactMap { $0.configuration.commandName }
    if let unknown = unknownFlag(of: message, Array(words.dropFirst(count)), flags) {
      let close = quoted(after: "Did you mean", in: message)
      let meant = (synonyms[unknown] ?? []).first { name in flags.contains { $0.name == name } }.map { "--\($0)" }
      let example = meant == "--optimizer-option" ? " \(option(unknown))=VALUE" : ""
      let others = closestName(to: unknown, in: flags.map(\.name)).map { "--\($0)" }
      let hint = (meant ?? close ?? others).map { "did you mean '\($0)\(example)'? " } ?? ""
      return GraftError(
        .usage, "\(count == 0 ? "graft" : "`graft \(name)`") has no option '--\(unknown)'", hint: hint + help)
    }
    if let word = words.dropFirst(count).first, !word.hasPrefix("-"), !subcommands.isEmpty {
      return GraftError.unknownName(
        "command", word, known: subcommands, list: count == 0 ? "graft help" : "graft help \(name)")
    }
    return GraftError(.usage, lowercased(message), hint: help)
  }

  /// The first option that a command does not have, without dashes, also where the parser complains of another thing.
  private static func unknownFlag(of message: String, _ words: [String], _ flags: [CommandFlag]) -> String? {
    let common = RecipeArguments.names.union([
      "help", "version", "generate-completion-script", "experimental-dump-help",
    ])
    func name(_ word: String) -> String { String(word.dropFirst(2).prefix { $0 != "=" && $0 != " " }) }
    if let word = quoted(after: "Unknown option", in: message), word.hasPrefix("--") { return name(word) }
    return words.prefix { $0 != "--" }.first { word in
      word.hasPrefix("--") && flags.flag(of: word) == nil && !common.contains(name(word))
    }.map(name)
  }

  /// What stands between the quotation marks behind some words.
  private static func quoted(after words: String, in message: String) -> String? {
    guard let found = message.range(of: "\(words) '") else { return nil }
    return String(message[found.upperBound...].prefix { $0 != "'" })
  }

  /// The optimizers' name for what is a flag elsewhere.
  private static func option(_ flag: String) -> String {
    ["wd": "weight-decay", "adam-epsilon": "epsilon"][flag] ?? flag
  }

  /// The first letter small, as messages begin; not that of a flag or an abbreviation.
  private static func lowercased(_ message: String) -> String {
    guard let first = message.first, first.isUppercase, message.dropFirst().first?.isLowercase == true else {
      return message
    }
    return first.lowercased() + message.dropFirst()
  }
}

extension GraftCommand {
  /// The command that the first words name, as people type it.
  static func path(_ words: [String], _ count: Int) -> String { words.prefix(count).joined(separator: " ") }
}
