import Checkpointing
import Families
import Foundation
import ModelKit
import Records
import Support
import Tokenization

/// A model folder as people pass it: a checkpoint, a run directory whose model is meant, a folder that transformers'
/// `save_pretrained` wrote, or the name of one of the `ReleasedModels`.
public enum ModelFolder {
  /// - Throws: `.missingInput` if there is none of them.
  public static func resolve(_ path: String) throws(GraftError) -> String {
    if let folder = try folder(ofFile: path) { return folder }
    if !FileContents.exists(path), let released = ReleasedModels.path(path) { return released }
    func has(_ name: String) -> Bool { FileContents.exists("\(path)/\(name)") }
    if has("config.json") { return path }
    if has("model/config.json") { return "\(path)/model" }
    if let step = try CheckpointFolder("\(path)/checkpoints").latestStep() {
      return CheckpointFolder("\(path)/checkpoints").path(step: step)
    }
    if ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"].contains(where: has) {
      throw GraftError(
        .missingInput, "'\(path)' has weights but no config.json",
        hint: "transformers' save_pretrained writes it beside them; copy the whole folder.")
    }
    if has(RunManifest<RecordedPretraining>.fileName) || has("checkpoints") {
      throw GraftError(
        .missingInput, "no checkpoint at '\(path)': it is a run that has saved none yet",
        hint: "let it go on with `resume:`, or give another run.")
    }
    for (name, what) in [
      ("adapter_config.json", "an adapter (PEFT) of a model, without the model"),
      ("tokenizer.json", "a tokenizer without a model"), ("tf_model.h5", "a model of TensorFlow"),
    ] where has(name) {
      throw GraftError(
        .missingInput, "no checkpoint at '\(path)': it has \(what)",
        hint:
          "give a folder with config.json and model.safetensors, as save_pretrained of transformers writes it."
      )
    }
    let names = ReleasedModels.names
    let close = closestName(to: path, in: names).map { "did you mean '\($0)', a model that comes with Graft? Else " }
    throw GraftError(
      .missingInput, "no checkpoint at '\(path)'",
      hint: (close ?? "") + "give a checkpoint folder (with config.json) or a run directory.")
  }

  /// The folder that is meant by one of a model's files; nil for a folder.
  /// - Throws: `.usage` for another file.
  private static func folder(ofFile path: String) throws(GraftError) -> String? {
    guard FileManager.default.fileExists(atPath: path), !Paths.isFolder(path) else { return nil }
    let (folder, name) = (Paths.parent(of: path), Paths.name(of: path))
    let isOfModel =
      ["config.json", "manifest.json", "model.safetensors.index.json"].contains(name)
      || name.hasSuffix(".safetensors")
    if isOfModel, FileManager.default.fileExists(atPath: "\(folder)/config.json") { return folder }
    let kind = try MappedFile(path).withBytes { ForeignFile($0) }
    throw GraftError(
      .usage, "'\(path)' is \(kind?.name ?? "a file"); a model is a folder",
      hint: "give the folder, with config.json, model.safetensors and tokenizer.json in it.")
  }

  /// Opens a model and its tokenizer.
  /// - Throws: `.badData` if a checkpoint's hashes do not match or a foreign model is none that Graft has,
  ///   `.missingInput` if there is none.
  public static func open(_ path: String) throws(GraftError)
    -> (model: SavedModel, configuration: ModelConfiguration, tokenizer: Tokenizer)
  {
    let path = try resolve(path)
    let model = try SavedModel(path)
    var configuration = try model.configuration()
    if configuration.reading == nil, try configuration.traits().layout.isOneSequence {
      configuration.reading = TextReading(of: model)
    }
    let tokenizer = try Tokenizer(contentsOf: model.tokenizerPath)
    // The last rows of an embedding may belong to no token, as T5's do, whose number is rounded up.
    guard tokenizer.vocabulary.size <= configuration.vocabularySize else {
      throw GraftError(
        .badData,
        "the tokenizer of '\(path)' has \(tokenizer.vocabulary.size) tokens, its model"
          + " \(configuration.vocabularySize)",
        hint: "the folder's files belong to different models.")
    }
    if case .huggingFace(let folder) = model, let start = folder.decoderStart,
      start != Int(tokenizer.vocabulary.start)
    {
      throw GraftError(
        .badData,
        "the decoder of '\(path)' starts with token \(start), its tokenizer says"
          + " \(tokenizer.vocabulary.start) ('\(tokenizer.token(tokenizer.vocabulary.start))')",
        hint: "'decoder_start_token_id' in config.json and the tokenizer's padding token must agree.")
    }
    try model.verify(Families.make(configuration).declarations)
    let tokens = try configuration.traits().tokens
    return (model, configuration, try tokenizer.with(start: tokens.start, opening: tokens.opening))
  }
}
