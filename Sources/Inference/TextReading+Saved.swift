import Checkpointing
import Families
import Foundation
import ModelKit
import Objectives
import Records
import Support
import TaskRegistry
import Tokenization

/// What the README.md of every fine-tuned checkpoint begins with.
package let fineTuningCardTitle = "# Fine-tuned on "

extension TextReading {
  /// That of a model whose config.json does not say it. A decoder of transformers reads a prompt behind what its
  /// tokenizer puts there, an encoder segments, as it was pretrained. Of an older checkpoint of a decoder the
  /// `run.json` beside it says what trained it, and without that its README; an encoder's are prompts. Nil for other
  /// models.
  init?(
    of model: SavedModel, _ configuration: ModelConfiguration, _ tokenizer: Tokenizer
  ) throws(GraftError) {
    let layout = try configuration.traits().layout
    switch model {
    case .adapted(let adapted): try self.init(of: adapted.base, configuration, tokenizer)
    case .huggingFace where layout.isOneSequence:
      self = TextReading(.continuation, omitsStart: tokenizer.postProcessor.opensTexts ? nil : true)
    case .huggingFace where layout == .encoder: self = TextReading(.segments)
    case .checkpoint(let checkpoint) where layout.isOneSequence: self = Self.recorded(checkpoint.path)
    case .checkpoint where layout == .encoder && configuration.answers != nil: self = TextReading(.prompt)
    case .huggingFace, .checkpoint: return nil
    }
  }

  private static func recorded(_ path: String) -> TextReading {
    for place in ModelHistory.runFolders(of: path) {
      if let run = try? RunManifest<RecordedFineTuning>.read(fromRun: place) {
        // What Graft fine-tuned before it wrote this down was all in the layout of prompts.
        return run.configuration.model.reading
          ?? TextReading(.prompt, tasks: Dictionary(run.configuration.tasks.map { ($0, .prompt) }) { $1 })
      }
      if let run = try? RunManifest<RecordedPretraining>.read(fromRun: place) {
        let plan = run.configuration
        return plan.model.reading
          ?? TextReading?.none.pretrained(by: plan.objective, supervised: plan.supervised?.tasks ?? [])
      }
    }
    let card = (try? String(contentsOfFile: "\(path)/README.md", encoding: .utf8)) ?? ""
    return card.hasPrefix(fineTuningCardTitle) ? TextReading(.prompt) : TextReading(.continuation)
  }
}

extension TextReading? {
  /// After pretraining, in which each objective shows texts its own way.
  /// - Parameter continued: whether windows of a text went on without a start token.
  package func pretrained(
    by objective: String, supervised tasks: [String], continued: Bool = false
  ) -> TextReading {
    let known = (self?.tasks ?? [:]).merging(tasks.map { ($0, .prompt) }) { $1 }
    var reading = TextReading(.prompt, tasks: known.isEmpty ? nil : known)
    switch objective {
    case CausalLanguageModeling.identifier:
      (reading.layout, reading.omitsStart) = (.continuation, continued ? true : nil)
    case HybridLanguageModeling.identifier: reading.layout = .continuation
    case PrefixLanguageModeling.identifier:
      (reading.layout, reading.endsPrompts) = (.continuation, true)
    // What other objectives ask of a decoder is an answer to a prompt.
    default: break
    }
    return reading
  }
}

extension TextCodec {
  /// The same for any text that `configuration` is given.
  /// - Parameter layout: nil for that of the model's training.
  /// - Throws: `.usage` for a layout that the model does not have.
  public func laidOut(
    for configuration: ModelConfiguration, _ layout: TextLayout?
  ) throws(GraftError) -> TextCodec {
    try layout?.validate(for: configuration)
    guard try configuration.traits().layout.isOneSequence else { return self }
    return laidOut(layout ?? configuration.reading?.layout ?? .prompt, configuration.reading)
  }
}

extension TextLayout {
  /// - Throws: `.usage` if a model has only one way to read a prompt.
  public func validate(for configuration: ModelConfiguration) throws(GraftError) {
    let reader = try configuration.traits().layout
    switch self {
    case .continuation where !reader.isOneSequence:
      throw GraftError(
        .usage, "a \(configuration.family) model cannot go on with a prompt: it reads it apart from what it writes",
        hint: "leave out `layout:`, or take a decoder, such as a gpt model.")
    case .segments where reader != .encoder:
      throw GraftError(
        .usage, "a \(configuration.family) model has no segments: it reads a task as a prompt",
        hint: "leave out `layout:`, or take an encoder, such as a bert model.")
    case .prompt, .continuation, .segments: return
    }
  }
}
