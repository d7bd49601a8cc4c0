-- A script for wrk: sends the requests of a file in turn. Each line has the method, path, token and body, separated by tabs. Prints the
-- result as one line of JSON.
local requests = {}
local current = 0
local threads = 0

function setup(thread)
  thread:set('number', threads)
  threads = threads + 1
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, token, body = line:match('^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$')
    local headers = { ['Authorization'] = 'Bearer ' .. token }
    if body ~= '' then headers['Content-Type'] = 'application/json' end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= '' and body or nil)
  end
  current = math.floor(#requests / 2) * number
end

function request()
  current = current % #requests + 1
  return requests[current]
end

function done(summary, latency)
  local errors = summary.errors
  local text = '\n{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"failed":%d}\n'
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(text:format(summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed))
end
