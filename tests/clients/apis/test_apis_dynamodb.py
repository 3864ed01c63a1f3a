"""DynamoDB through the gateway: tables, indexes, and the keys and attributes of items."""

import pytest
from botocore.exceptions import ClientError

from support.api_table import covers
from support.moto_running import allow, arn, deny

TABLE, OTHER = "lamps", "wicks"
LAMPS, WICKS = arn("dynamodb", f"table/{TABLE}"), arn("dynamodb", f"table/{OTHER}")
INDEX = f"{LAMPS}/index/by-place"
ITEMS = [
    "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem",
    "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
]  # fmt: skip


@pytest.fixture(scope="module")
def tables(apis):
    """Make two tables straight at moto, with an item of each of two owners."""
    made = apis.direct("dynamodb")
    for name in (TABLE, OTHER):
        made.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "owner", "AttributeType": "S"},
                {"AttributeName": "place", "AttributeType": "S"},
            ],
            KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-place",
                    "KeySchema": [{"AttributeName": "place", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        for owner in ("kiln", "mill"):
            made.put_item(TableName=name, Item=item(owner, place="attic", secret="x"))


def item(owner, **more):
    return {name: {"S": value} for name, value in {"owner": owner, **more}.items()}


def refused(call, **given):
    with pytest.raises(ClientError) as denied:
        call(**given)
    error = denied.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    return error["Message"]


def by(owner, condition="#o = :o", **more):
    return {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {"#o": "owner"},
        "ExpressionAttributeValues": {":o": {"S": owner}},
        **more,
    }


AT_PLACE = {
    "IndexName": "by-place",
    "KeyConditionExpression": "place = :p",
    "ExpressionAttributeValues": {":p": {"S": "attic"}},
}
CALLS = [
    ("PutItem", {"Item": item("new")}),
    ("GetItem", {"Key": item("kiln")}),
    ("Query", by("kiln")),
    ("UpdateItem", {"Key": item("new"), "UpdateExpression": "REMOVE note"}),
    ("DeleteItem", {"Key": item("new")}),
    ("Scan", {}),
    ("DescribeTable", {}),
]


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(("operation", "given"), CALLS, ids=[name for name, _ in CALLS])
@covers("dynamodb", *(name for name, _ in CALLS))
def test_one_table_and_no_other(apis, one_table, operation, given):
    call = _call(one_table, operation)
    call(TableName=TABLE, **given)
    call(TableName=LAMPS, **given)
    with apis.moto.untouched():
        told = refused(call, TableName=OTHER, **given)
    assert told.endswith(
        f" is not authorized to perform: dynamodb:{operation} on resource: {WICKS} because no"
        f" identity-based policy allows the dynamodb:{operation} action"
    )


@pytest.fixture(scope="module")
def one_table(apis):
    return apis.client("dynamodb", apis.role(allow("dynamodb:*", LAMPS)))


def _call(client, operation):
    return getattr(client, "".join(f"_{c.lower()}" if c.isupper() else c for c in operation)[1:])


@pytest.mark.usefixtures("tables")
@covers(
    "dynamodb", "BatchGetItem", "BatchWriteItem", "TransactWriteItems", "TransactGetItems",
    "ExecuteStatement", "BatchExecuteStatement",
)  # fmt: skip
def test_every_table_of_several_is_asked(apis, one_table):
    def put(name):
        return {"Put": {"TableName": name, "Item": item("many")}}

    def get(name):
        return {"Get": {"TableName": name, "Key": item("many")}}

    write, keys = [{"PutRequest": {"Item": item("many")}}], {"Keys": [item("many")]}
    select = f"SELECT * FROM \"{TABLE}\" WHERE owner = 'kiln'"
    one_table.transact_write_items(TransactItems=[put(TABLE)])
    one_table.transact_get_items(TransactItems=[get(TABLE)])
    one_table.batch_write_item(RequestItems={TABLE: write})
    one_table.batch_get_item(RequestItems={TABLE: keys})
    assert len(one_table.execute_statement(Statement=select)["Items"]) == 1
    one_table.batch_execute_statement(Statements=[{"Statement": select}])
    both = {"Statement": select}, {"Statement": select.replace(TABLE, OTHER)}
    with apis.moto.untouched():
        for call, given in (
            (one_table.transact_write_items, {"TransactItems": [put(TABLE), put(OTHER)]}),
            (one_table.transact_get_items, {"TransactItems": [get(TABLE), get(OTHER)]}),
            (one_table.batch_write_item, {"RequestItems": {TABLE: write, OTHER: write}}),
            (one_table.batch_get_item, {"RequestItems": {TABLE: keys, OTHER: keys}}),
            (one_table.batch_execute_statement, {"Statements": both}),
            (one_table.execute_statement, {"Statement": both[1]["Statement"]}),
            (one_table.execute_statement, {"Statement": f"EXISTS({select})"}),
        ):
            assert "is not authorized to perform: dynamodb:" in refused(call, **given)


@pytest.mark.usefixtures("tables")
@covers("dynamodb", "Query", "Scan")
def test_an_index_is_a_resource_of_its_own(apis):
    index = apis.client("dynamodb", apis.role(allow(["dynamodb:Query", "dynamodb:Scan"], INDEX)))
    assert len(index.query(TableName=TABLE, **AT_PLACE)["Items"]) == 2
    assert len(index.scan(TableName=TABLE, IndexName="by-place")["Items"]) == 2
    with apis.moto.untouched():
        refused(index.query, TableName=TABLE, **by("kiln"))
        refused(index.scan, TableName=TABLE)
    table = apis.client("dynamodb", apis.role(allow("dynamodb:Query", LAMPS)))
    with apis.moto.untouched():
        assert INDEX in refused(table.query, TableName=TABLE, **AT_PLACE)


@pytest.fixture(scope="module")
def own_items(apis):
    """Return a client that may use the items of one owner, and of them what is no secret."""
    return apis.client(
        "dynamodb",
        apis.role(
            allow(
                ITEMS,
                LAMPS,
                **{
                    "ForAllValues:StringEquals": {
                        "dynamodb:LeadingKeys": ["kiln"],
                        "dynamodb:Attributes": ["owner", "place"],
                    },
                    "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
                },
            )
        ),
    )


@pytest.mark.usefixtures("tables")
@covers("dynamodb", "GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem")
def test_items_of_one_owner_and_some_attributes(own_items):
    shown = {"ProjectionExpression": "place"}
    said = own_items.get_item(TableName=TABLE, Key=item("kiln"), **shown)
    assert said["Item"] == {"place": {"S": "attic"}}
    said = own_items.query(TableName=TABLE, **by("kiln", **shown))
    assert said["Items"] == [{"place": {"S": "attic"}}]
    own_items.put_item(TableName=TABLE, Item=item("kiln", place="attic"))
    keys = {"Keys": [item("kiln")], **shown}
    said = own_items.batch_get_item(RequestItems={TABLE: keys})
    assert said["Responses"][TABLE] == [{"place": {"S": "attic"}}]
    own_items.update_item(
        TableName=TABLE,
        Key=item("kiln"),
        UpdateExpression="SET place = :p",
        ExpressionAttributeValues={":p": {"S": "attic"}},
    )


OUT_OF_BOUNDS = [
    ("get_item", {"Key": item("mill"), "ProjectionExpression": "place"}),
    ("get_item", {"Key": item("kiln"), "ProjectionExpression": "place, secret"}),
    ("get_item", {"Key": item("kiln")}),
    ("query", by("mill", ProjectionExpression="place")),
    ("query", by("kiln", ProjectionExpression="secret")),
    ("query", by("kiln", ProjectionExpression="place", FilterExpression="secret = :o")),
    ("query", by("kiln")),
    ("put_item", {"Item": item("mill")}),
    ("put_item", {"Item": item("mill", place="kiln")}),
    ("put_item", {"Item": item("kiln", secret="kiln")}),
    ("delete_item", {"Key": item("mill")}),
    ("update_item", {"Key": item("kiln"), "UpdateExpression": "REMOVE secret"}),
    ("scan", {"ProjectionExpression": "place"}),
]


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(("call", "given"), OUT_OF_BOUNDS)
def test_other_items_and_other_attributes(apis, own_items, call, given):
    """Which attribute is the partition key the table is asked, and nothing else."""
    with apis.moto.untouched("DescribeTable"):
        refused(getattr(own_items, call), TableName=TABLE, **given)


@pytest.mark.usefixtures("tables")
def test_one_foreign_key_of_several(apis, own_items):
    keys = {"Keys": [item("kiln"), item("mill")], "ProjectionExpression": "place"}
    writes = [{"DeleteRequest": {"Key": item(owner)}} for owner in ("kiln", "mill")]
    with apis.moto.untouched("DescribeTable"):
        refused(own_items.batch_get_item, RequestItems={TABLE: keys})
        refused(own_items.batch_write_item, RequestItems={TABLE: writes})


@pytest.mark.usefixtures("tables")
def test_a_scan_by_any_name_is_denied_by_name(apis):
    """PartiQL reads a whole table where its condition is not on the key."""
    whole = {"Bool": {"dynamodb:FullTableScan": "true"}}
    role = apis.role(
        allow("dynamodb:*", LAMPS),
        deny("dynamodb:Scan", f"{LAMPS}*"),
        deny("dynamodb:PartiQLSelect", **whole),
    )
    client = apis.client("dynamodb", role)
    with apis.moto.untouched():
        refused(client.scan, TableName=TABLE)
        refused(client.execute_statement, Statement=f'SELECT * FROM "{TABLE}"')
    client.get_item(TableName=TABLE, Key=item("kiln"))
