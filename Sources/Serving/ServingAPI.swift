import Support

/// Answers requests about models; knows nothing of connections.
public struct ServingAPI: Sendable {
  let models: [ServedModel]
  let limits: ServingLimits

  private enum Endpoint {
    /// Needs no model.
    case light(@Sendable (ServingAPI) -> APIResponse)
    case heavy(@Sendable (ServingAPI, RequestObject) throws(GraftError) -> APIResponse)
  }

  private static let endpoints: [String: (method: String, endpoint: Endpoint)] = {
    var table: [String: (method: String, endpoint: Endpoint)] = [
      "/api/runs": ("GET", .light { $0.runs }), "/v1/models": ("GET", .light { $0.modelList }),
      "/api/answer": ("POST", .heavy { (api, body) throws(GraftError) in try api.answer(body) }),
      "/api/partial": ("POST", .heavy { (api, body) throws(GraftError) in try api.partial(body) }),
      "/api/variants": ("POST", .heavy { (api, body) throws(GraftError) in try api.variants(body) }),
      "/api/attention": ("POST", .heavy { (api, body) throws(GraftError) in try api.attention(body) }),
      "/api/next": ("POST", .heavy { (api, body) throws(GraftError) in try api.next(body) }),
      "/v1/completions": ("POST", .heavy { (api, body) throws(GraftError) in try api.completions(body) }),
    ]
    for file in PageFile.all { table[file.path] = ("GET", .light { _ in APIResponse(file.bytes, type: file.type) }) }
    return table
  }()

  /// - Precondition: there is a model, and names are unique.
  public init(_ models: [ServedModel], limits: ServingLimits = ServingLimits()) {
    precondition(!models.isEmpty && Set(models.map(\.name)).count == models.count, "models are told apart by name")
    (self.models, self.limits) = (models, limits)
  }

  /// Why a request of this method and path is not answered; nil if it is.
  static func refusal(_ method: String, _ path: String) -> Refusal? {
    guard let known = endpoints[path] else {
      let paths = endpoints.keys.filter { $0.hasPrefix("/api") || $0.hasPrefix("/v1") }.sorted()
      return Refusal(
        404, "there is no '\(GraftError.shown(path, limit: GraftError.longestName))'",
        hint: "there are / and \(paths.joined(separator: ", ")).")
    }
    guard known.method == method || (known.method == "GET" && method == "HEAD") else {
      var refusal = Refusal(405, "\(path) takes \(known.method)")
      refusal.headers = [("Allow", known.method)]
      return refusal
    }
    return nil
  }

  /// Whether anybody may read it who reaches the server: the files of the page say nothing.
  static func isOpen(_ path: String) -> Bool { PageFile.all.contains { $0.path == path } }

  /// Whether a model is needed for the answer.
  static func isHeavy(_ path: String) -> Bool {
    if case .heavy? = endpoints[path]?.endpoint { true } else { false }
  }

  /// The answer to a request, or the reason why there is none.
  public func respond(to request: APIRequest) -> APIResponse {
    if let refusal = Self.refusal(request.method, request.path) { return refusal.response }
    do throws(GraftError) {
      switch Self.endpoints[request.path]?.endpoint {
      case .light(let body)?: return body(self)
      case .heavy(let body)?: return try body(self, RequestObject(request.body, limits: limits))
      case nil: return Refusal(404, "there is no '\(request.path)'").response
      }
    } catch {
      return Refusal(error).response
    }
  }

  /// The model that a request names; the first where it names none.
  func model(_ name: String?) throws(GraftError) -> ServedModel {
    guard let name else { return models[0] }
    guard let model = models.first(where: { $0.name.isExactly(name) }) else {
      throw .unknownName("run", name, known: models.map(\.name))
    }
    return model
  }

  /// - Throws: `.usage` for more tokens than are read and written of one text.
  func check(_ tokens: Int) throws(GraftError) {
    guard tokens > limits.tokens else { return }
    throw GraftError(
      .usage, "a text of \(tokens) tokens, what is written among them",
      hint: "there is room for \(limits.tokens) here, and for the model's positions.")
  }

  private var runs: APIResponse {
    struct Runs: Encodable {
      struct Run: Encodable {
        var name, path, family: String
        var parameters: Int
        var facts: [String]
        var writes: Bool
        var tasks: [Task]
      }
      struct Task: Encodable {
        var name: String
        var fields: [String]
        var choices: [String]?
        var answers: String
      }
      var runs: [Run]
    }
    return APIResponse(
      Runs(
        runs: models.map { model in
          Runs.Run(
            name: model.name, path: model.path, family: model.model.configuration.family,
            parameters: model.model.parameterCount, facts: model.model.traits.facts, writes: model.model.writes,
            tasks: model.tasks.map {
              Runs.Task(
                name: $0.name, fields: $0.rowFields.needed, choices: $0.choices, answers: $0.output.rawValue)
            })
        }))
  }

  private var modelList: APIResponse {
    struct List: Encodable {
      struct Model: Encodable {
        var id: String
        var object = "model"
        var created = 0
        var ownedBy = "graft"

        private enum CodingKeys: String, CodingKey {
          case id, object, created
          case ownedBy = "owned_by"
        }
      }
      var object = "list"
      var data: [Model]
    }
    return APIResponse(List(data: models.map { List.Model(id: $0.name) }))
  }
}
