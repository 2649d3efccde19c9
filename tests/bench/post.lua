-- One report a request; the portal gives each an id of its own. Arguments: the file of the body, the file of the token.
local function content(path)
    local file = assert(io.open(path, "rb"))
    local bytes = file:read("*a")
    file:close()
    return bytes
end

function init(arguments)
    wrk.method = "POST"
    wrk.body = content(arguments[1])
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. content(arguments[2]):gsub("%s+$", "")
end

function done(summary, latency)
    local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
    print(string.format('{"stored": %d, "seconds": %.6f, "receipt_p50_us": %d, "receipt_p99_us": %d, "failed": %d}',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), wrong))
end
