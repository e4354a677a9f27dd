import Foundation
import Support

/// A request as the interface sees it.
public struct APIRequest: Sendable {
  /// `GET`, `POST` and so on.
  public var method: String
  /// Without the query.
  public var path: String
  /// The whole body.
  public var body: [UInt8]

  /// A request that has arrived whole.
  public init(method: String, path: String, body: [UInt8] = []) {
    (self.method, self.path, self.body) = (method, path, body)
  }
}

/// What is answered to a request.
public struct APIResponse: Sendable {
  /// The status of HTTP.
  public var status: Int
  /// The media type of `body`.
  public var type = "application/json"
  /// Further headers.
  public var headers: [(name: String, value: String)] = []
  /// The whole body.
  public var body: [UInt8]

  /// A value as JSON.
  init(_ value: some Encodable, status: Int = 200) {
    do throws(GraftError) {
      (self.status, body) = (status, Array(try JSONFile.line(value)))
    } catch {
      self = Refusal(error).response
    }
  }

  /// A file of the page.
  init(_ body: [UInt8], type: String) { (status, self.type, self.body) = (200, type, body) }
}

/// Why a request is not answered, as the client is told.
struct Refusal: Error {
  var status: Int
  var message: String
  var hint: String?
  var headers: [(name: String, value: String)] = []

  init(_ status: Int, _ message: String, hint: String? = nil) {
    (self.status, self.message, self.hint) = (status, message, hint)
  }

  init(_ error: GraftError) {
    let status =
      switch error.code {
      case .usage, .badData: 400
      case .missingInput: 404
      default: 500
      }
    self.init(status, GraftError.shown(error.message), hint: error.hint.map { GraftError.shown($0) })
  }

  /// In the form of OpenAI's errors, which its clients show.
  var response: APIResponse {
    struct Body: Encodable {
      struct Reason: Encodable {
        var message: String
        var hint: String?
        var type: String
        var code: Int
      }
      var error: Reason
    }
    let type = status < 500 ? "invalid_request_error" : status == 503 ? "overloaded" : "server_error"
    var response = APIResponse(
      Body(error: Body.Reason(message: message, hint: hint, type: type, code: status)), status: status)
    response.headers = headers
    return response
  }
}
