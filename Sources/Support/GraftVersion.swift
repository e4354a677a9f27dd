/// The version that goes into every `run.json`.
public let graftVersion = "0.1.0"
