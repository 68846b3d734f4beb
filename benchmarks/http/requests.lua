-- wrk: one request after the other, each for a path of a file at random.
-- arguments: the token, the file, the method

local paths, method, headers = {}, "GET", {}
local sent = 0

function init(arguments)
  headers["Authorization"] = "Token " .. arguments[1]
  headers["Accept"] = "application/json"
  method = arguments[3]
  if method == "PATCH" then headers["Content-Type"] = "application/json" end
  for path in io.lines(arguments[2]) do paths[#paths + 1] = path end
  math.randomseed(os.time())
end

function request()
  local path, body = paths[math.random(#paths)], nil
  if method == "PATCH" then
    sent = sent + 1
    body = string.format('{"display_name": "Name %d of %d"}', sent, os.time())
  end
  return wrk.format(method, path, headers, body)
end
