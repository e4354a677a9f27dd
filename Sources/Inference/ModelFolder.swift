import Checkpointing
import Counting
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
    if !NGramModel.isOne(path), let folder = try folder(ofFile: path) { return folder }
    if !FileContents.exists(path), let released = ReleasedModels.path(path) { return released }
    func has(_ name: String) -> Bool { FileContents.exists("\(path)/\(name)") }
    if has("config.json") || AdapterFolder.isOne(path) { return path }
    if has("model/config.json") { return "\(path)/model" }
    if let step = try CheckpointFolder("\(path)/checkpoints").latestStep() {
      return CheckpointFolder("\(path)/checkpoints").path(step: step)
    }
    if WeightFiles.names.contains(where: has) {
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
      ("tokenizer.json", "a tokenizer without a model"), ("tf_model.h5", "a model of TensorFlow"),
    ] where has(name) {
      throw GraftError(
        .missingInput, "no checkpoint at '\(path)': it has \(what)",
        hint:
          "give a folder with config.json and model.safetensors, as save_pretrained of transformers writes it."
      )
    }
    if let seed = BuiltInFiles.names(in: path).first(where: {
      $0.hasPrefix("seed-") && FileContents.exists("\(path)/\($0)/run.json")
    }) {
      throw GraftError(
        .missingInput, "'\(path)' is a run of several seeds, each with a model of its own",
        hint: "give one of them, such as \(Paths.join(path, seed)).")
    }
    guard !NGramModel.isOne(path) else {
      throw GraftError(
        .usage, "'\(path)' is a model of n-gram counts, which has no weights to do this with",
        hint: "`graft score`, `graft evaluate` and `graft generate` take it; or give another checkpoint.")
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
      ["adapter_config.json", "config.json", "manifest.json"].contains(name) || WeightFiles.names.contains(name)
      || name.hasSuffix(".safetensors")
    if isOfModel, FileContents.exists("\(folder)/config.json") || AdapterFolder.isOne(folder) { return folder }
    let kind = try MappedFile(path).withBytes { ForeignFile($0) }
    throw GraftError(
      .usage, "'\(path)' is \(kind?.name ?? "a file"); a model is a folder",
      hint: "give the folder, with config.json, model.safetensors and tokenizer.json in it.")
  }

  /// Opens a model and its tokenizer.
  /// - Parameter base: where the model of an adapter is; nil for where the adapter says.
  /// - Throws: `.badData` if a checkpoint's hashes do not match or a foreign model is none that Graft has,
  ///   `.missingInput` if there is none.
  public static func open(_ path: String, base: String? = nil) throws(GraftError)
    -> (model: SavedModel, configuration: ModelConfiguration, tokenizer: Tokenizer)
  {
    let path = try resolve(path)
    let model = try SavedModel(path, base: base)
    var configuration = try model.configuration()
    let tokenizer = try Tokenizer(contentsOf: model.tokenizerPath)
    if configuration.reading == nil { configuration.reading = try TextReading(of: model, configuration, tokenizer) }
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
    return (model, configuration, tokenizer.with(start: tokens.start, opening: tokens.opening))
  }
}
