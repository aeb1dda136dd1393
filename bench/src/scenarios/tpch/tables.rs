//! The eight tables of TPC-H and their rows, as `tpchgen` makes them: the rows of the reference generator, in its order.

use crate::engine::Field;
use crate::scenarios::suite::Table;
use tpchgen::dates::TPCHDate;
use tpchgen::decimal::TPCHDecimal;
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator, PartSuppGenerator,
    RegionGenerator, SupplierGenerator,
};

/// All eight; strings are text, money is numeric(15, 2).
pub const TABLES: [Table; 8] = [
    Table {
        name: "region",
        columns: "r_regionkey bigint PRIMARY KEY, r_name text NOT NULL, r_comment text NOT NULL",
        rows: |scale, add| {
            for r in RegionGenerator::new(scale, 1, 1).iter() {
                add(&[Field::Int(r.r_regionkey), text(r.r_name), text(r.r_comment)]);
            }
        },
    },
    Table {
        name: "nation",
        columns: "n_nationkey bigint PRIMARY KEY, n_name text NOT NULL, n_regionkey bigint NOT NULL,
            n_comment text NOT NULL",
        rows: |scale, add| {
            for n in NationGenerator::new(scale, 1, 1).iter() {
                add(&[Field::Int(n.n_nationkey), text(n.n_name), Field::Int(n.n_regionkey), text(n.n_comment)]);
            }
        },
    },
    Table {
        name: "supplier",
        columns: "s_suppkey bigint PRIMARY KEY, s_name text NOT NULL, s_address text NOT NULL,
            s_nationkey bigint NOT NULL, s_phone text NOT NULL, s_acctbal numeric(15,2) NOT NULL,
            s_comment text NOT NULL",
        rows: |scale, add| {
            for s in SupplierGenerator::new(scale, 1, 1).iter() {
                add(&[
                    Field::Int(s.s_suppkey),
                    text(s.s_name),
                    text(s.s_address),
                    Field::Int(s.s_nationkey),
                    text(s.s_phone),
                    money(s.s_acctbal),
                    text(s.s_comment),
                ]);
            }
        },
    },
    Table {
        name: "customer",
        columns: "c_custkey bigint PRIMARY KEY, c_name text NOT NULL, c_address text NOT NULL,
            c_nationkey bigint NOT NULL, c_phone text NOT NULL, c_acctbal numeric(15,2) NOT NULL,
            c_mktsegment text NOT NULL, c_comment text NOT NULL",
        rows: |scale, add| {
            for c in CustomerGenerator::new(scale, 1, 1).iter() {
                add(&[
                    Field::Int(c.c_custkey),
                    text(c.c_name),
                    text(c.c_address),
                    Field::Int(c.c_nationkey),
                    text(c.c_phone),
                    money(c.c_acctbal),
                    text(c.c_mktsegment),
                    text(c.c_comment),
                ]);
            }
        },
    },
    Table {
        name: "part",
        columns: "p_partkey bigint PRIMARY KEY, p_name text NOT NULL, p_mfgr text NOT NULL, p_brand text NOT NULL,
            p_type text NOT NULL, p_size integer NOT NULL, p_container text NOT NULL,
            p_retailprice numeric(15,2) NOT NULL, p_comment text NOT NULL",
        rows: |scale, add| {
            for p in PartGenerator::new(scale, 1, 1).iter() {
                add(&[
                    Field::Int(p.p_partkey),
                    text(p.p_name),
                    text(p.p_mfgr),
                    text(p.p_brand),
                    text(p.p_type),
                    Field::Int(p.p_size.into()),
                    text(p.p_container),
                    money(p.p_retailprice),
                    text(p.p_comment),
                ]);
            }
        },
    },
    Table {
        name: "partsupp",
        columns: "ps_partkey bigint NOT NULL, ps_suppkey bigint NOT NULL, ps_availqty integer NOT NULL,
            ps_supplycost numeric(15,2) NOT NULL, ps_comment text NOT NULL, PRIMARY KEY (ps_partkey, ps_suppkey)",
        rows: |scale, add| {
            for p in PartSuppGenerator::new(scale, 1, 1).iter() {
                add(&[
                    Field::Int(p.ps_partkey),
                    Field::Int(p.ps_suppkey),
                    Field::Int(p.ps_availqty.into()),
                    money(p.ps_supplycost),
                    text(p.ps_comment),
                ]);
            }
        },
    },
    Table {
        name: "orders",
        columns: "o_orderkey bigint PRIMARY KEY, o_custkey bigint NOT NULL, o_orderstatus text NOT NULL,
            o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority text NOT NULL,
            o_clerk text NOT NULL, o_shippriority integer NOT NULL, o_comment text NOT NULL",
        rows: |scale, add| {
            for o in OrderGenerator::new(scale, 1, 1).iter() {
                add(&[
                    Field::Int(o.o_orderkey),
                    Field::Int(o.o_custkey),
                    text(o.o_orderstatus),
                    money(o.o_totalprice),
                    day(o.o_orderdate),
                    text(o.o_orderpriority),
                    text(o.o_clerk),
                    Field::Int(o.o_shippriority.into()),
                    text(o.o_comment),
                ]);
            }
        },
    },
    Table {
        name: "lineitem",
        columns: "l_orderkey bigint NOT NULL, l_partkey bigint NOT NULL, l_suppkey bigint NOT NULL,
            l_linenumber integer NOT NULL, l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL,
            l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL, l_returnflag text NOT NULL,
            l_linestatus text NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL,
            l_receiptdate date NOT NULL, l_shipinstruct text NOT NULL, l_shipmode text NOT NULL,
            l_comment text NOT NULL, PRIMARY KEY (l_orderkey, l_linenumber)",
        rows: |scale, add| {
            for l in LineItemGenerator::new(scale, 1, 1).iter() {
                add(&[
                    Field::Int(l.l_orderkey),
                    Field::Int(l.l_partkey),
                    Field::Int(l.l_suppkey),
                    Field::Int(l.l_linenumber.into()),
                    Field::Cents(l.l_quantity * 100),
                    money(l.l_extendedprice),
                    money(l.l_discount),
                    money(l.l_tax),
                    text(l.l_returnflag),
                    text(l.l_linestatus),
                    day(l.l_shipdate),
                    day(l.l_commitdate),
                    day(l.l_receiptdate),
                    text(l.l_shipinstruct),
                    text(l.l_shipmode),
                    text(l.l_comment),
                ]);
            }
        },
    },
];

fn money(amount: TPCHDecimal) -> Field {
    Field::Cents(amount.into_inner())
}

fn day(date: TPCHDate) -> Field {
    Field::Day(date.to_unix_epoch())
}

fn text(value: impl ToString) -> Field {
    Field::Text(value.to_string())
}
