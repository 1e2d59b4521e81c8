-- Sends one body over and over: BODY names its file, TARGET the path, HEADER_LENGTH the length of its JSON part.
local file = assert(io.open(os.getenv("BODY"), "rb"))
wrk.method = "POST"
wrk.path = os.getenv("TARGET")
wrk.body = file:read("*a")
file:close()
wrk.headers["Content-Type"] = "application/json"
local headerLength = os.getenv("HEADER_LENGTH")
if headerLength and headerLength ~= "" then
  wrk.headers["Content-Type"] = "application/octet-stream"
  wrk.headers["Inference-Header-Content-Length"] = headerLength
end
